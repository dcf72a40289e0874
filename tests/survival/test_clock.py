"""A clock that was an hour ahead for a while: nobody stays unswept for that hour, and nothing green for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fleet.models import Container, Host, Service
from fleet.models.host import CLOCKS_APART, stale_after
from fleet.silence import catch_up
from fleet.simulation import SimulatedHost, running, synthetic
from fleet.sweeping import claim_due, sweep_claimed
from fleet.sweeping.claims import LEASE, begin, longest_pause
from tests.rows import host_row

pytestmark = pytest.mark.django_db
AHEAD = timedelta(hours=1)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[SimulatedHost, ...]]:
    with running(synthetic(engines=3, containers=4)) as hosts:
        yield hosts


@pytest.fixture
def hosts(engines: tuple[SimulatedHost, ...]) -> list[Host]:
    return [host_row(one.name, url=one.url, next_sweep_at=timezone.now()) for one in engines]


def sweep(*, ahead: timedelta = timedelta(0)) -> int:
    """How many hosts the dispatcher found and a worker swept, by a clock that is so far ahead."""

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    return sum(len(sweep_claimed(shard, clock=clock)) for shard in claim_due(clock()))


def verdicts(now: datetime) -> set[str]:
    kinds: list[Callable[[], list[str]]] = [
        lambda: list(Host.objects.with_verdict_now(now).values_list("verdict_now", flat=True)),
        lambda: list(Container.objects.present().with_verdict_now(now).values_list("verdict_now", flat=True)),
        lambda: [service.verdict_now for service in Service.objects.in_catalogue().with_verdict_now(now)],
    ]
    found = [verdict for kind in kinds for verdict in kind()]
    assert len(found) > 3 + 12
    return set(found)


def test_hosts_swept_by_a_clock_an_hour_ahead_are_swept_at_the_next_tick_after_it_is_set_back(
    hosts: list[Host],
) -> None:
    assert sweep(ahead=AHEAD) == 3
    assert sweep() == 3
    assert Host.objects.filter(next_sweep_at__gt=timezone.now() + longest_pause(0)).count() == 0
    assert sweep() == 0  # and from then on when they are due


def test_a_host_that_a_clock_ahead_claimed_and_nobody_swept_is_found(hosts: list[Host]) -> None:
    for shard in claim_due(timezone.now() + AHEAD):
        begin(shard, timezone.now() + AHEAD)
    assert sweep() == 3


def test_a_failing_host_keeps_its_pause_but_not_that_of_a_clock_ahead(hosts: list[Host]) -> None:
    now = timezone.now()
    pausing, ahead, good = hosts
    Host.objects.filter(pk=pausing.pk).update(failures=9, next_sweep_at=now + timedelta(minutes=16))
    Host.objects.filter(pk=ahead.pk).update(failures=9, next_sweep_at=now + AHEAD)
    Host.objects.filter(pk=good.pk).update(next_sweep_at=now + LEASE)  # a sweep under way
    assert [host for shard in claim_due(now) for host in shard.hosts] == [ahead.pk]


def test_a_host_that_answers_again_is_not_left_to_the_pause_it_had_while_it_failed(hosts: list[Host]) -> None:
    Host.objects.update(failures=9)
    assert sweep() == 3
    assert Host.objects.filter(next_sweep_at__gt=timezone.now() + longest_pause(0)).count() == 0


def test_evidence_of_a_time_to_come_carries_no_verdict(hosts: list[Host]) -> None:
    sweep(ahead=AHEAD)
    then = timezone.now() + AHEAD
    assert verdicts(then) != {"unknown"}
    assert verdicts(timezone.now()) == {"unknown"}
    assert Host.objects.fresh(timezone.now()).count() == Host.objects.summary(timezone.now()).answering == 0
    assert all(host.is_stale(timezone.now()) for host in Host.objects.all())
    sweep()
    assert verdicts(timezone.now()) != {"unknown"}


def test_the_clocks_of_two_nodes_may_differ_a_little(hosts: list[Host]) -> None:
    sweep(ahead=CLOCKS_APART / 2)
    assert verdicts(timezone.now()) != {"unknown"}


def test_a_clock_that_jumps_ahead_makes_all_stale_at_once_and_sweeps_mend_it(hosts: list[Host]) -> None:
    sweep()
    assert verdicts(timezone.now() + stale_after() + timedelta(seconds=5)) == {"unknown"}
    assert sweep(ahead=AHEAD) == 3
    assert verdicts(timezone.now() + AHEAD) != {"unknown"}


def test_silence_is_noted_and_taken_back_once(hosts: list[Host]) -> None:
    sweep(ahead=AHEAD)
    now = timezone.now()
    assert (catch_up(now).silent, catch_up(now).silent) == (3, 0)
    sweep()
    assert (catch_up(timezone.now()).back, catch_up(timezone.now()).back) == (3, 0)


def test_pages_say_that_a_clock_was_set_back(hosts: list[Host], admin_client: Client) -> None:
    sweep(ahead=AHEAD)
    page = admin_client.get("/").content.decode()
    assert "<strong>Stale.</strong>" in page
    assert "a clock was set back" in page
    # One host whose time is ahead does not hide how old the others are.
    old = timezone.now() - 2 * stale_after()
    Host.objects.exclude(pk=hosts[0].pk).update(answered_at=old)
    assert "The last sweep ended" in admin_client.get("/").content.decode()
