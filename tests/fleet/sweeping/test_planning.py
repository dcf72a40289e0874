from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.engines import Plan
from fleet.inventory.snapshot import THINGS
from fleet.models import Container, Host
from fleet.sweeping.planning import ROTATION, THINGS_EVERY, due_between, plans_for
from tests.builders import NOW, container
from tests.rows import host_row, swept

IDS = [f"{number:064x}" for number in range(500)]
HOUR = ROTATION.total_seconds()


def test_each_container_has_its_turn_once_an_hour_and_few_at_a_time() -> None:
    start = NOW.timestamp()
    turns = [due_between(IDS, start + 30 * n, start + 30 * (n + 1)) for n in range(int(HOUR / 30))]
    assert sorted(one for turn in turns for one in turn) == IDS
    assert max(map(len, turns)) < 30


def test_turns_that_were_missed_are_made_up_for() -> None:
    start = NOW.timestamp()
    assert set(due_between(IDS, start, start + 90)) == {
        one for n in range(3) for one in due_between(IDS, start + 30 * n, start + 30 * (n + 1))
    }


@pytest.mark.parametrize("until", [HOUR, HOUR * 50, -10])
def test_after_a_long_time_or_a_clock_that_was_set_back_it_is_everybodys_turn(until: float) -> None:
    start = NOW.timestamp()
    assert due_between(IDS, start, start + until) == IDS


def plan(host: Host, after: timedelta) -> Plan:
    host.refresh_from_db()
    return plans_for([host], NOW + after)[host.pk]


SOON = timedelta(seconds=30)


@pytest.fixture
def host() -> Host:
    host = swept(host_row(), container(), remembered={container().id: "a" * 16}, told=THINGS | {"sizes"})
    Host.objects.update(asked={**host.asked, "sizes": NOW.isoformat()})
    return host


@pytest.mark.django_db
def test_soon_after_a_sweep_nothing_but_what_moves_is_asked(host: Host) -> None:
    made = plan(host, SOON)
    assert dict(made.known) == {container().id: "a" * 16}
    assert list(made.known.values()) == [made.known.get(container().id)]
    assert made.known.get("another", "nobody") == "nobody"
    assert not made.things
    # Whose hour is over waits for the things, and is not forgotten.
    assert not made.due
    assert made.rotated_until == NOW.timestamp()
    assert plan(host, THINGS_EVERY).rotated_until == (NOW + THINGS_EVERY).timestamp()


@pytest.mark.django_db
def test_images_networks_and_volumes_have_a_clock_of_their_own(host: Host) -> None:
    assert not plan(host, THINGS_EVERY - SOON).things
    assert plan(host, THINGS_EVERY).things
    assert plan(host, -SOON).things


@pytest.mark.django_db
def test_whoever_presses_sweep_now_gets_a_look_at_everything(host: Host) -> None:
    Host.objects.update(requested_at=NOW + timedelta(seconds=1))
    made = plan(host, SOON)
    assert (dict(made.known), made.things) == ({}, True)
    Host.objects.update(attempted_at=NOW + timedelta(seconds=2))
    assert plan(host, SOON).known


@pytest.mark.django_db
def test_a_host_that_was_never_swept_is_looked_at_whole() -> None:
    made = plan(host_row(), SOON)
    assert (dict(made.known), made.things, made.sizes) == ({}, True, True)


@pytest.mark.django_db
def test_what_went_is_not_known_any_more(host: Host) -> None:
    Container.objects.update(gone_at=NOW)
    assert plan(host, SOON).known == {}
