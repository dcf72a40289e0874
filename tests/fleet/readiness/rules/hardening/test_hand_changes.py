from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.inventory import HandChange
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.hand_changes import HandChanges
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, around, container_subject, host

RULE = HandChanges()


def test_a_shell_of_today_fails() -> None:
    assert (
        RULE.judge(container_subject(hand_changes=(HandChange("exec", NOW - timedelta(hours=2)),))).status
        is Status.FAIL
    )


def test_an_agent_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(hand_changes=(HandChange("exec", NOW),), labels={"loadline.role": "agent"})).status
        is Status.NOT_APPLICABLE
    )


def test_events_that_may_be_missing_are_unknown() -> None:
    assert RULE.judge(container_subject(around=around(host=host(events_whole=False)))).status is Status.UNKNOWN


def test_events_that_were_not_read_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(hand_changes=None))


def test_a_quiet_day_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
