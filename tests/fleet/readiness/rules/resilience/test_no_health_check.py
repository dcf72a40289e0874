from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import HealthCheck, RestartPolicy
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_health_check import NoHealthCheck
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = NoHealthCheck()


@pytest.mark.parametrize("check", [None, HealthCheck("NONE"), HealthCheck("")])
def test_an_absent_or_disabled_check_fails(check: HealthCheck | None) -> None:
    outcome = RULE.judge(container_subject(health_check=check))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Healthcheck.Test": check.kind if check else None}


def test_the_state_of_health_is_no_proof_of_a_check() -> None:
    # podman fills State.Health without one
    assert RULE.judge(container_subject(health_check=None, health="healthy")).status is Status.FAIL


def test_a_container_that_was_started_with_rm_is_not_taken_for_a_job() -> None:
    assert RULE.judge(container_subject(health_check=None, auto_remove=True)).status is Status.FAIL


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "running"},
        {"exit_code": 1},
        {"error": "port is already allocated"},
        {"restart_policy": RestartPolicy("always")},
    ],
    ids=str,
)
def test_only_a_job_that_ended_well_and_for_good_counts_as_finished(changes: dict[str, Any]) -> None:
    finished: dict[str, Any] = {"state": "exited", "exit_code": 0, "restart_policy": RestartPolicy("no")}
    assert RULE.judge(container_subject(health_check=None, **finished | changes)).status is Status.FAIL


def test_a_finished_job_is_left_out() -> None:
    subject = container_subject(health_check=None, state="exited", exit_code=0, restart_policy=RestartPolicy("no"))
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_a_declared_job_is_left_out() -> None:
    subject = container_subject(health_check=None, labels={"loadline.role": "job"})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_a_container_known_from_the_list_only_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.Healthcheck"):
        RULE.judge(container_subject(inspected=False, health_check=None))


@pytest.mark.parametrize("kind", ["CMD", "CMD-SHELL"])
def test_a_health_check_passes(kind: str) -> None:
    outcome = RULE.judge(container_subject(health_check=HealthCheck(kind)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Config.Healthcheck.Test": kind}
