from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.vocabulary import Severity, Status


def test_nothing_is_no_value() -> None:
    with pytest.raises(MissingFactError) as caught:
        known(None, "HostConfig.Privileged")
    assert str(caught.value) == "The engine did not report HostConfig.Privileged."


@pytest.mark.parametrize("value", [False, 0, "", ()])
def test_an_empty_value_is_a_value(value: object) -> None:
    assert known(value, "Some.Field") is value


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (failed({"A": 1}, "Why."), Outcome(Status.FAIL, {"A": 1}, "Why.")),
        (failed({"A": 1}, severity=Severity.LOW), Outcome(Status.FAIL, {"A": 1}, "", Severity.LOW)),
        (unknown("Why."), Outcome(Status.UNKNOWN, {}, "Why.")),
        (not_applicable("Why.", {"A": 1}), Outcome(Status.NOT_APPLICABLE, {"A": 1}, "Why.")),
        (passed(), Outcome(Status.PASS, {}, "")),
        (passed({"A": 1}, "Why."), Outcome(Status.PASS, {"A": 1}, "Why.")),
    ],
)
def test_each_outcome_keeps_what_it_was_given(outcome: Outcome, expected: Outcome) -> None:
    assert outcome == expected


def test_only_a_failure_may_differ_in_severity() -> None:
    assert {unknown("x").severity, not_applicable("x").severity, passed().severity} == {None}
