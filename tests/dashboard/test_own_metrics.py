"""Loadline's own numbers, over planted rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard import own_metrics
from dashboard.own_metrics import LATE_BY, Itself
from fleet.models import SignOfLife
from fleet.watching import LATE_AFTER
from tests.builders import NOW
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def numbers() -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("loadline_"), *sample.labels.values()): sample.value
        for family in Itself(NOW).collect()
        for sample in family.samples
    }


def test_lateness_is_told_in_steps_and_at_its_worst() -> None:
    for name, seconds in (("a", -5), ("b", 10), ("c", 61), ("d", 4000)):
        host_row(name, next_sweep_at=NOW - timedelta(seconds=seconds))
    found = numbers()
    assert found["sweep_lag_seconds_max",] == 4000
    assert [found["late_hosts", str(seconds)] for seconds in LATE_BY] == [3, 2, 2, 1, 1, 1]


def test_one_of_the_steps_is_what_the_page_calls_overdue() -> None:
    assert LATE_AFTER.total_seconds() in LATE_BY


def test_durations_rows_and_kinds_of_failure_are_told() -> None:
    for number in range(1, 21):
        answered = NOW - timedelta(seconds=number)
        host_row(f"prod-{number}", sweep_seconds=number, answered_at=answered, rows_written=3)
    host_row("a", error_code="dns")
    host_row("b", error_code="dns")
    found = numbers()
    assert [found["sweep_seconds", share] for share in ("0.5", "0.95")] == [10, 19]
    assert (found["sweep_seconds_max",], found["sweep_seconds_last",]) == (20, 1)
    assert found["sweep_age_seconds_max",] == 20
    assert found["sweep_rows_written",] == 60
    assert found["failing_sweeps", "dns"] == 2


def test_queues_that_cannot_be_told_are_absent_and_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_metrics, "depths", lambda: {"sweep": 3})
    assert numbers()["queue_messages", "sweep"] == 3
    monkeypatch.setattr(own_metrics, "depths", lambda: None)
    assert not [key for key in numbers() if key[0] == "queue_messages"]


def test_the_age_of_every_sign_of_life_is_told() -> None:
    for kind, seconds in (("scheduler", 5), ("worker", 70), ("job", 4000)):
        SignOfLife.objects.create(kind=kind, name="one", did="tidy", at=NOW - timedelta(seconds=seconds))
    found = numbers()
    assert [found["sign_of_life_age_seconds", kind, "one"] for kind in ("scheduler", "worker", "job")] == [5, 70, 4000]
