from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.clock_skew import ClockSkew
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = ClockSkew()


def test_six_seconds_ahead_fail() -> None:
    assert RULE.judge(host_subject(clock_offset=6.0)).status is Status.FAIL


def test_six_seconds_behind_fail() -> None:
    assert RULE.judge(host_subject(clock_offset=-6.0)).status is Status.FAIL


def test_a_slow_answer_is_unknown() -> None:
    assert RULE.judge(host_subject(clock_round_trip=2.5)).status is Status.UNKNOWN


def test_an_unreported_time_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(clock_offset=None))


def test_four_seconds_pass() -> None:
    assert RULE.judge(host_subject(clock_offset=4.0)).status is Status.PASS
