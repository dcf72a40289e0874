from __future__ import annotations

import pytest

from fleet.inventory import RestartPolicy
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.restarts_without_end import RestartsWithoutEnd
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = RestartsWithoutEnd()


@pytest.mark.parametrize("name", ["always", "unless-stopped"])
def test_a_policy_without_an_end_fails(name: str) -> None:
    outcome = RULE.judge(container_subject(restart_policy=RestartPolicy(name)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.RestartPolicy.Name": name}


@pytest.mark.parametrize("retries", [0, 6, 10])
def test_more_than_five_tries_fail_and_none_means_any_number(retries: int) -> None:
    outcome = RULE.judge(container_subject(restart_policy=RestartPolicy("on-failure", retries)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence["HostConfig.RestartPolicy.MaximumRetryCount"] == retries


def test_it_moves_no_verdict() -> None:
    assert RULE.severity is Severity.INFO
    assert RULE.judge(container_subject(restart_policy=RestartPolicy("always"))).severity is None


@pytest.mark.parametrize("name", ["", "no"])
def test_no_policy_is_another_rules_business(name: str) -> None:
    outcome = RULE.judge(container_subject(restart_policy=RestartPolicy(name)))
    assert outcome.status is Status.NOT_APPLICABLE


def test_a_swarm_task_has_a_policy_elsewhere() -> None:
    task = {"com.docker.swarm.task.id": "t1"}
    subject = container_subject(restart_policy=RestartPolicy("always"), labels=task)
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_an_unreported_policy_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.RestartPolicy"):
        RULE.judge(container_subject(restart_policy=None))


@pytest.mark.parametrize("retries", [1, 3, 5])
def test_up_to_five_tries_pass(retries: int) -> None:
    assert RULE.judge(container_subject(restart_policy=RestartPolicy("on-failure", retries))).status is Status.PASS
