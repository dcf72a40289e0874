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


def test_the_evidence_names_the_events_and_the_last_time_and_stays_the_same_all_day() -> None:
    changes = (HandChange("copy", NOW - timedelta(hours=3)), *(HandChange("exec", NOW - timedelta(hours=2)),) * 2)
    told = [
        RULE.judge(container_subject(hand_changes=changes, around=around(now=NOW + timedelta(hours=later)))).evidence
        for later in (0, 5)
    ]
    assert told == [{"kinds": ["exec_create", "extract-to-dir"], "last": "2026-11-24T10:00+00:00"}] * 2


def test_known_changes_fail_even_where_more_may_have_been_missed() -> None:
    missed = around(host=host(events_whole=False))
    changes = (HandChange("update", NOW - timedelta(hours=1)),)
    assert RULE.judge(container_subject(hand_changes=changes, around=missed)).status is Status.FAIL


def test_an_agent_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(hand_changes=(HandChange("exec", NOW),), labels={"loadline.role": "agent"})).status
        is Status.NOT_APPLICABLE
    )


def test_events_that_may_be_missing_are_unknown() -> None:
    assert RULE.judge(container_subject(around=around(host=host(events_whole=False)))).status is Status.UNKNOWN


@pytest.mark.parametrize("whole", [False, None])
def test_what_is_older_than_a_day_proves_nothing_about_the_last(whole: bool | None) -> None:
    old = (HandChange("exec", NOW - timedelta(hours=25)),)
    missed = around(host=host(events_whole=whole))
    assert RULE.judge(container_subject(hand_changes=old, around=missed)).status is Status.UNKNOWN
    assert RULE.judge(container_subject(hand_changes=old)).status is Status.PASS


def test_events_that_were_not_read_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(hand_changes=None))


def test_a_quiet_day_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
