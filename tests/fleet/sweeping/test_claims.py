from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.models import Host
from fleet.models.host import stale_after
from fleet.sweeping import claim_due, claim_hosts
from fleet.sweeping.claims import FRESH, LEASE, SLOW_AFTER, Call, begin, calls, give_back, pause, renew, rest
from tests.builders import NOW
from tests.rows import host_row
from tests.statements import statements

pytestmark = pytest.mark.django_db


def test_a_host_is_claimed_once_in_a_lease() -> None:
    host = host_row()
    (shard,) = claim_due(NOW)
    assert shard.hosts == (host.pk,)
    assert claim_due(NOW) == []
    assert claim_due(NOW + LEASE * 0.9) == []
    assert [one.hosts for one in claim_due(NOW + LEASE)] == [(host.pk,)]


def test_a_claim_that_nobody_works_on_costs_a_lease() -> None:
    host_row()
    claim_due(NOW)  # and nobody sweeps
    assert len(claim_due(NOW + LEASE)) == 1


def test_a_host_that_is_not_enabled_is_left_alone() -> None:
    host_row(enabled=False)
    assert claim_due(NOW) == []


def test_hosts_that_keep_failing_come_in_a_shard_of_their_own() -> None:
    host_row("good")
    bad = host_row("bad", failures=3)
    slow = {shard.slow: shard.hosts for shard in claim_due(NOW)}
    assert slow[True] == (bad.pk,)
    assert bad.pk not in slow[False]


def test_who_waited_longest_is_claimed_first_and_the_rest_stays_due() -> None:
    waited = [host_row(f"prod-{n}", next_sweep_at=NOW - timedelta(seconds=n)).pk for n in (1, 4, 2, 3)]
    (first,) = claim_due(NOW, most=2)
    (second,) = claim_due(NOW, most=100)
    assert (set(first.hosts), set(second.hosts)) == ({waited[1], waited[3]}, {waited[0], waited[2]})
    assert claim_due(NOW, most=100) == []


def test_while_many_hosts_are_new_half_of_a_claim_is_for_evidence_that_would_soon_be_stale() -> None:
    long_ago, soon = NOW - timedelta(minutes=10), NOW - timedelta(seconds=1)
    for number in range(6):
        host_row(f"new-{number}", next_sweep_at=long_ago)
    for number in range(3):
        host_row(f"old-{number}", answered_at=NOW - stale_after() / 2, next_sweep_at=soon)
    host_row("fresh", answered_at=NOW - timedelta(seconds=31), next_sweep_at=soon - timedelta(seconds=20))
    names = dict(Host.objects.values_list("pk", "name"))
    claimed = [sorted(names[key].partition("-")[0] for key in claim_due(NOW, most=4)[0].hosts) for _ in range(3)]
    assert claimed == [["new", "new", "old", "old"], ["new", "new", "new", "old"], ["fresh", "new"]]


def test_where_no_host_is_new_who_waited_longest_is_first_however_old_its_evidence_is() -> None:
    waited = [
        host_row(f"prod-{n}", answered_at=NOW - stale_after() * n / 4, next_sweep_at=NOW - timedelta(seconds=9 - n)).pk
        for n in range(4)
    ]
    assert [set(claim_due(NOW, most=2)[0].hosts) for _ in range(2)] == [set(waited[:2]), set(waited[2:])]


def test_a_process_without_room_claims_nothing() -> None:
    host_row()
    assert claim_due(NOW, most=0) == []


def test_only_hosts_that_failed_of_late_are_claimed_as_slow() -> None:
    good, bad = host_row("good", failures=1), host_row("bad", failures=SLOW_AFTER)
    assert [one.hosts for one in claim_due(NOW, slow=True)] == [(bad.pk,)]
    assert [one.hosts for one in claim_due(NOW, slow=False)] == [(good.pk,)]


@pytest.mark.parametrize(
    ("due", "sizes"), [(0, []), (1, [25]), (26, [25, 25]), (80, [40, 40]), (200, [100, 100]), (201, [100] * 3)]
)
def test_workers_are_called_for_what_is_due_in_shards_that_two_processes_share(due: int, sizes: list[int]) -> None:
    example = host_row("example", enabled=False)
    example.pk = None
    more = [copy.copy(example) for _ in range(due)]
    for number, host in enumerate(more):
        host.name, host.url, host.enabled = f"prod-{number}", f"tcp://{number}:1", True
    Host.objects.bulk_create(more)
    host_row("later", next_sweep_at=NOW + timedelta(seconds=1))
    host_row("bad", failures=SLOW_AFTER)
    assert calls(NOW) == [*(Call(size, slow=False) for size in sizes), Call(25, slow=True)]


def test_a_fleet_that_waited_ten_minutes_calls_no_more_workers_than_there_is_work_and_is_spread_anew() -> None:
    """All come at once, and would come at once for ever: each interval would have one busy moment."""
    for number in range(60):
        host_row(f"prod-{number}", next_sweep_at=NOW - timedelta(minutes=10))
    (shard,) = claim_due(NOW)
    assert shard.late
    due = sorted((host.next_sweep_at - NOW).total_seconds() for host in begin(shard, NOW))
    assert 15 <= due[0] < 20
    assert 28 < due[-1] <= 33
    # Of any five seconds none has half of them.
    assert all(sum(1 for other in due if one <= other < one + 5) < 30 for one in due)


def test_a_host_that_was_a_little_late_keeps_its_interval() -> None:
    host_row(next_sweep_at=NOW - timedelta(seconds=10))
    (shard,) = claim_due(NOW)
    (host,) = begin(shard, NOW)
    assert timedelta(seconds=27) <= host.next_sweep_at - NOW <= timedelta(seconds=33)


def test_a_claim_by_hand_takes_the_host_from_a_sweep_under_way() -> None:
    host = host_row()
    (old,) = claim_due(NOW)
    (new,) = claim_hosts([host.pk], NOW)
    assert old.claim != new.claim
    assert Host.objects.get().claim == new.claim


@pytest.mark.parametrize(("failures", "least", "most"), [(0, 27, 33), (1, 54, 66), (3, 216, 264), (50, 810, 990)])
def test_the_pause_doubles_with_every_failure_up_to_a_quarter_of_an_hour(failures: int, least: int, most: int) -> None:
    assert least <= pause(failures).total_seconds() <= most


def test_an_interval_longer_than_a_quarter_of_an_hour_is_kept(settings: LazySettings) -> None:
    settings.LOADLINE_SWEEP_SECONDS = 3600
    assert pause(0) >= timedelta(minutes=54)


def test_a_sweep_that_outlasts_its_lease_keeps_its_claim_as_long_as_it_is_prolonged() -> None:
    host = host_row()
    (shard,) = claim_due(NOW)
    begin(shard, NOW)
    for seconds in range(0, 60, 8):
        renew([shard.claim], [host.pk], NOW + timedelta(seconds=seconds))
    assert claim_due(NOW + timedelta(seconds=63)) == []
    assert Host.objects.get().claim == shard.claim


def test_a_sweep_whose_worker_died_is_taken_over_when_its_lease_ends() -> None:
    host = host_row()
    begin(claim_due(NOW)[0], NOW)
    assert [one.hosts for one in claim_due(NOW + LEASE)] == [(host.pk,)]


def test_a_claim_that_was_taken_is_neither_prolonged_nor_handed_back() -> None:
    host = host_row()
    (old,) = claim_due(NOW)
    (new,) = claim_hosts([host.pk], NOW)
    renew([old.claim], old.hosts, NOW + timedelta(hours=1))
    give_back(old.claim, old.hosts, NOW + timedelta(hours=1))
    host.refresh_from_db()
    assert (host.claim, host.next_sweep_at) == (new.claim, NOW + LEASE)


def test_hosts_handed_back_are_due_at_once() -> None:
    host = host_row()
    (shard,) = claim_due(NOW)
    give_back(shard.claim, shard.hosts, NOW)
    assert [one.hosts for one in claim_due(NOW)] == [(host.pk,)]


def test_a_host_whose_claim_was_taken_is_not_begun() -> None:
    host = host_row()
    (old,) = claim_due(NOW)
    claim_hosts([host.pk], NOW)
    assert begin(old, NOW) == []


def test_a_host_that_was_swept_is_asked_again_when_it_was_due() -> None:
    host = host_row()
    (begun,) = begin(claim_due(NOW)[0], NOW)
    rest(host.pk, due=begun.next_sweep_at, now=NOW + timedelta(seconds=1))
    assert timedelta(seconds=27) <= Host.objects.get().next_sweep_at - NOW <= timedelta(seconds=33)


def test_a_host_whose_sweep_outlasted_the_interval_gets_half_of_one_to_rest() -> None:
    host = host_row()
    (begun,) = begin(claim_due(NOW)[0], NOW)
    later = NOW + timedelta(seconds=44)
    rest(host.pk, due=begun.next_sweep_at, now=later)
    assert Host.objects.get().next_sweep_at == later + timedelta(seconds=15)


def test_a_shard_that_is_begun_at_once_is_read_with_one_query_and_written_no_second_time() -> None:
    host_row()
    (shard,) = claim_due(NOW)
    with CaptureQueriesContext(connection) as asked:
        begin(shard, NOW + FRESH)
    (read,) = statements(asked)
    assert read.startswith("SELECT")
    assert Host.objects.get().next_sweep_at == NOW + LEASE


def test_a_shard_that_waited_for_others_of_its_task_has_a_whole_lease_from_its_beginning() -> None:
    host_row()
    (shard,) = claim_due(NOW)
    waited = NOW + FRESH + timedelta(milliseconds=1)
    begin(shard, waited)
    assert Host.objects.get().next_sweep_at == waited + LEASE
    # Also one that nobody claimed although its lease was over.
    begin(shard, NOW + 3 * LEASE)
    assert Host.objects.get().next_sweep_at == NOW + 4 * LEASE
