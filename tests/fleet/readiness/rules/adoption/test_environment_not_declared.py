from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.adoption.environment_not_declared import EnvironmentNotDeclared
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, host, host_subject

RULE = EnvironmentNotDeclared()


def test_nobody_having_said_fails() -> None:
    assert RULE.judge(HostSubject(around=around(environment_declared=False))).status is Status.FAIL


@pytest.mark.parametrize("labels", [("env=",), ("env",), ("environments=x",), ("storage=ssd",)])
def test_a_label_that_says_nothing_fails(labels: tuple[str, ...]) -> None:
    silent = around(host=host(labels=labels), environment_declared=False)
    outcome = RULE.judge(HostSubject(around=silent))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"environment": "production", "Labels": list(labels)}


@pytest.mark.parametrize("second", [None, {}, {"env": " "}])
def test_one_container_that_says_nothing_is_enough_to_fail(second: dict[str, str] | None) -> None:
    two = (container(labels={"env": "staging"}), container(labels=second))
    assert RULE.judge(HostSubject(around=around(containers=two, environment_declared=False))).status is Status.FAIL


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(HostSubject(around=around(host=host(labels=None))))


def test_a_choice_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


def test_labels_of_all_containers_pass_and_the_reason_says_what_it_is_judged_as() -> None:
    two = (container(labels={"env": "staging"}), container(labels={"loadline.environment": "staging"}))
    outcome = RULE.judge(HostSubject(around=around(containers=two, environment_declared=False)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Config.Labels": ["env=staging", "loadline.environment=staging"]}
    assert "as production" in outcome.reason


def test_a_label_of_the_engine_passes() -> None:
    assert (
        RULE.judge(HostSubject(around=around(host=host(labels=("env=staging",)), environment_declared=False))).status
        is Status.PASS
    )
