"""How late, how slow and what of: numbers over planted hosts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from fleet.models import Host
from fleet.sweeping import claim_due
from fleet.sweeping.claims import begin
from fleet.watching import LATE_AFTER, last_sweeps, store
from tests.builders import NOW
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def lag_of(name: str = "prod-01", *, seconds: float = 0) -> float:
    sweeps = last_sweeps(NOW + timedelta(seconds=seconds))
    return next(host.lag for host in sweeps.hosts if host.name == name)


def test_a_host_that_is_not_due_is_not_late() -> None:
    host_row(next_sweep_at=NOW + timedelta(seconds=5))
    assert lag_of() == 0


def test_a_host_that_nobody_claims_is_late_since_it_was_due() -> None:
    host_row(next_sweep_at=NOW - timedelta(seconds=90))
    (host,) = last_sweeps(NOW).overdue
    assert (host.name, host.lag) == ("prod-01", 90)


def test_a_sweep_that_began_in_time_is_not_late() -> None:
    host_row(attempted_at=NOW - timedelta(seconds=30))
    begin(claim_due(NOW)[0], NOW)
    assert lag_of(seconds=2) == 0
    assert not last_sweeps(NOW + timedelta(seconds=40)).overdue


def test_a_claim_that_waits_in_the_queue_hides_nothing() -> None:
    """Each claim moves the next sweep on, so that it is never in the past while nobody sweeps."""
    host_row(attempted_at=NOW - timedelta(seconds=30))
    for round_ in range(5):
        claim_due(NOW + timedelta(seconds=34 * round_))
    assert lag_of(seconds=136) == pytest.approx(136 + 30 - 33)


def test_a_host_that_was_never_asked_counts_from_its_registration() -> None:
    host_row()
    claim_due(NOW)
    assert lag_of(seconds=100) == pytest.approx(100 - 33)


def test_a_host_that_keeps_failing_is_given_its_longer_pause() -> None:
    host_row(attempted_at=NOW - timedelta(seconds=200), failures=3)
    claim_due(NOW)
    assert lag_of(seconds=1) == 0


def test_only_hosts_that_are_swept_count() -> None:
    host_row(enabled=False, next_sweep_at=NOW - timedelta(days=1), error_code="dns", sweep_seconds=9)
    sweeps = last_sweeps(NOW)
    assert sweeps.hosts == ()
    assert (sweeps.lag, sweeps.failures, sweeps.rows_written) == (0, {}, 0)
    assert (sweeps.seconds(0.5), sweeps.newest, sweeps.oldest) == (None, None, None)


def test_lateness_is_counted_beyond_a_bound_and_listed_from_the_latest() -> None:
    for name, seconds in (("a", 10), ("b", 61), ("c", 400), ("d", 400)):
        host_row(name, next_sweep_at=NOW - timedelta(seconds=seconds))
    sweeps = last_sweeps(NOW)
    assert [sweeps.late_by(bound) for bound in (0, 60, 61, 300, 900)] == [4, 3, 2, 2, 0]
    assert [host.name for host in sweeps.overdue] == ["c", "d", "b"]
    assert sweeps.lag == 400
    assert sweeps.late_by(LATE_AFTER.total_seconds()) == len(sweeps.overdue)


def test_durations_are_those_of_hosts_that_ever_answered() -> None:
    host_row("never")
    for number in range(1, 21):
        answered = NOW - timedelta(seconds=number)
        host_row(f"prod-{number:02}", sweep_seconds=number, answered_at=answered, rows_written=2)
    sweeps = last_sweeps(NOW)
    assert [sweeps.seconds(share) for share in (0.5, 0.95, 1)] == [10, 19, 20]
    assert [host.name for host in sweeps.slowest[:2]] == ["prod-20", "prod-19"]
    assert sweeps.newest is not None
    assert sweeps.oldest is not None
    assert (sweeps.newest.name, sweeps.oldest.name, sweeps.rows_written) == ("prod-01", "prod-20", 40)


def test_failures_are_counted_by_kind_the_most_frequent_first() -> None:
    for number, code in enumerate(("dns", "refused", "timeout", "refused", "")):
        host_row(f"prod-{number}", error_code=code)
    assert list(last_sweeps(NOW).failures.items()) == [("refused", 2), ("dns", 1), ("timeout", 1)]


def test_it_costs_one_query_whatever_the_fleet(
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    for number in range(30):
        host_row(f"prod-{number}")
    with django_assert_num_queries(1):
        assert len(last_sweeps(NOW).hosts) == 30
    assert Host.objects.count() == 30


def test_the_database_tells_its_size() -> None:
    found = store()
    assert found.kind.lower() == connection.vendor
    assert found.size > 100_000
