from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import RestartPolicy
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.should_be_running import ShouldBeRunning
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = ShouldBeRunning()
ALWAYS, UNLESS_STOPPED = RestartPolicy("always"), RestartPolicy("unless-stopped")


@pytest.mark.parametrize("state", ["exited", "created", "dead"])
def test_one_that_is_always_to_run_and_does_not_fails(state: str) -> None:
    outcome = RULE.judge(container_subject(state=state, exit_code=0, restart_policy=ALWAYS))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {
        "State.Status": state,
        "HostConfig.RestartPolicy.Name": "always",
        "State.ExitCode": 0,
    }


@pytest.mark.parametrize("policy", [ALWAYS, UNLESS_STOPPED, RestartPolicy("on-failure")], ids=str)
def test_one_that_the_engine_could_not_start_is_critical(policy: RestartPolicy) -> None:
    outcome = RULE.judge(
        container_subject(state="exited", exit_code=0, error="port is already allocated", restart_policy=policy)
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)
    assert outcome.evidence["State.Error"] == "port is already allocated"


@pytest.mark.parametrize(("state", "code"), [("exited", 1), ("created", 0), ("dead", 137)])
def test_what_no_stop_by_hand_leaves_behind_fails(state: str, code: int) -> None:
    outcome = RULE.judge(container_subject(state=state, exit_code=code, restart_policy=UNLESS_STOPPED))
    assert outcome.status is Status.FAIL


def test_one_that_used_up_its_retries_fails() -> None:
    policy = RestartPolicy("on-failure", 5)
    outcome = RULE.judge(container_subject(state="exited", exit_code=1, restart_count=5, restart_policy=policy))
    assert outcome.status is Status.FAIL
    assert "gave up after 5 restarts" in outcome.reason


@pytest.mark.parametrize("code", [0, 137, 143])
def test_one_that_may_have_been_stopped_by_hand_is_unknown(code: int) -> None:
    outcome = RULE.judge(container_subject(state="exited", exit_code=code, restart_policy=UNLESS_STOPPED))
    assert outcome.status is Status.UNKNOWN
    assert f"Exit code {code}" in outcome.reason


@pytest.mark.parametrize("name", ["", "no"])
def test_one_without_a_policy_is_left_out(name: str) -> None:
    subject = container_subject(state="exited", error="no such file", restart_policy=RestartPolicy(name))
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("code", "count", "retries"), [(0, 5, 5), (1, 4, 5), (1, 5, 0)])
def test_one_that_may_end_is_left_out(code: int, count: int, retries: int) -> None:
    policy = RestartPolicy("on-failure", retries)
    subject = container_subject(state="exited", exit_code=code, restart_count=count, restart_policy=policy)
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"restart_policy": None}, r"HostConfig\.RestartPolicy"),
        ({"state": None}, r"State\.Status"),
        ({"state": "exited", "restart_policy": RestartPolicy("on-failure", 3), "restart_count": None}, "RestartCount"),
    ],
)
def test_an_unreported_field_is_a_missing_fact(changes: dict[str, Any], fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(container_subject(**changes))


@pytest.mark.parametrize("state", ["running", "paused", "restarting"])
def test_one_that_runs_passes(state: str) -> None:
    assert RULE.judge(container_subject(state=state, restart_policy=ALWAYS)).status is Status.PASS
