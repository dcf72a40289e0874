from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings

from fleet.models import Host
from fleet.sweeping import claim_due, claim_hosts
from fleet.sweeping.claims import LEASE, SHARD_SIZE, begin, pause, rest
from tests.builders import NOW
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def test_a_host_is_claimed_once_in_an_interval() -> None:
    host = host_row()
    (shard,) = claim_due(NOW)
    assert shard.hosts == (host.pk,)
    assert claim_due(NOW) == []
    assert claim_due(NOW + timedelta(seconds=20)) == []
    assert [one.hosts for one in claim_due(NOW + timedelta(seconds=34))] == [(host.pk,)]


def test_a_lost_message_costs_one_interval() -> None:
    host_row()
    claim_due(NOW)  # and nobody sweeps
    assert len(claim_due(NOW + timedelta(seconds=34))) == 1


def test_a_host_that_is_not_enabled_is_left_alone() -> None:
    host_row(enabled=False)
    assert claim_due(NOW) == []


def test_hosts_that_keep_failing_come_in_a_shard_of_their_own() -> None:
    host_row("good")
    bad = host_row("bad", failures=3)
    slow = {shard.slow: shard.hosts for shard in claim_due(NOW)}
    assert slow[True] == (bad.pk,)
    assert bad.pk not in slow[False]


def test_many_hosts_come_in_shards() -> None:
    for number in range(SHARD_SIZE + 1):
        host_row(f"prod-{number}")
    assert sorted(len(shard.hosts) for shard in claim_due(NOW)) == [1, SHARD_SIZE]


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


def test_a_sweep_that_outlasts_the_interval_keeps_its_claim() -> None:
    host_row()
    (shard,) = claim_due(NOW)
    begin(shard, NOW)
    assert claim_due(NOW + timedelta(seconds=60)) == []
    assert Host.objects.get().claim == shard.claim


def test_a_sweep_whose_worker_died_is_taken_over_when_its_lease_ends() -> None:
    host = host_row()
    begin(claim_due(NOW)[0], NOW)
    assert [one.hosts for one in claim_due(NOW + LEASE)] == [(host.pk,)]


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
