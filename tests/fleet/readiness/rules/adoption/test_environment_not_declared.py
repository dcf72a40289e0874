from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.adoption.environment_not_declared import EnvironmentNotDeclared
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host, host_subject

RULE = EnvironmentNotDeclared()


def test_nobody_having_said_fails() -> None:
    assert RULE.judge(HostSubject(around=around(environment_declared=False))).status is Status.FAIL


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(HostSubject(around=around(host=host(labels=None))))


def test_a_choice_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


def test_a_label_of_the_engine_passes() -> None:
    assert (
        RULE.judge(HostSubject(around=around(host=host(labels=("env=staging",)), environment_declared=False))).status
        is Status.PASS
    )
