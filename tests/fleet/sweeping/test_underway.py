"""What a shard's threads ask and its caller stores, without an engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from fleet.models import Host
from fleet.sweeping import claim_due, claim_hosts
from fleet.sweeping.claims import LEASE, Shard
from fleet.sweeping.keeper import Keeper
from fleet.sweeping.underway import Answer, Underway, renew_all
from tests.builders import NOW
from tests.installations import until
from tests.rows import host_row
from tests.statements import statements

#: The keeper's thread has a connection of its own, which sees what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Order:
    host_id: int


@dataclass
class Engines:
    """Hosts among `hanging` do not answer before they are let go."""

    hanging: set[int] = field(default_factory=set)
    let_go: threading.Event = field(default_factory=threading.Event)
    stored: dict[int, str] = field(default_factory=dict)  # the name of the thread that stored it
    given_up: set[int] = field(default_factory=set)
    on_store: Callable[[], None] = lambda: None

    def ask(self, order: Order) -> int:
        if order.host_id in self.hanging:
            self.let_go.wait(20)
        return order.host_id

    def store(self, answers: Sequence[Answer[Order, int]]) -> None:
        self.on_store()
        for answer in answers:
            if answer.future is None:
                self.given_up.add(answer.order.host_id)
            else:
                self.stored[answer.future.result()] = threading.current_thread().name


@pytest.fixture
def engines() -> Iterator[Engines]:
    made = Engines()
    yield made
    made.let_go.set()


def claimed(*names: str) -> Shard:
    for name in names:
        host_row(name)
    (shard,) = claim_due(NOW)
    return shard


def asked(
    engines: Engines,
    shard: Shard,
    *,
    longest: float = 50,
    clock: Callable[[], datetime] = lambda: NOW,
    heavy: Callable[[Order], bool] = lambda _: False,
) -> Underway[Order, int]:
    return Underway(
        [Order(host) for host in shard.hosts],
        claim=shard.claim,
        ask=engines.ask,
        store=engines.store,
        clock=clock,
        longest=longest,
        threads=100,
        heavy=heavy,
    )


def until_unlocked(answer: Callable[[], object]) -> None:
    """As `until`, while another thread writes: SQLite in memory lets nobody wait for a table that one holds."""

    def asked_again() -> object:
        try:
            return answer()
        except OperationalError:
            return False

    until(asked_again)


@contextmanager
def keeping(*, most: int = 200, ahead: float = 2.5) -> Iterator[Keeper]:
    keeper = Keeper(idle=0.05, turn=1.0, most=most, ahead=ahead)
    try:
        yield keeper
    finally:
        keeper.stop()


def test_a_task_ends_while_one_hangs_and_the_keeper_stores_what_it_answers_later(engines: Engines) -> None:
    shard = claimed("good", "hangs")
    engines.hanging = {shard.hosts[1]}
    with keeping() as keeper:
        keeper.work(asked(engines, shard))
        assert set(engines.stored) == {shard.hosts[0]}
        assert (keeper.under_way, keeper.room(), keeper.room(slow=True)) == (1, 199, 99)
        engines.let_go.set()
        until(lambda: keeper.under_way == 0)
    assert engines.stored == {shard.hosts[0]: "MainThread", shard.hosts[1]: "keeper"}


def test_one_that_no_limit_ends_is_given_up_by_the_keeper(engines: Engines) -> None:
    shard = claimed("hangs")
    engines.hanging = set(shard.hosts)
    with keeping() as keeper:
        keeper.work(asked(engines, shard, longest=0.5))
        assert engines.given_up == set()
        until(lambda: engines.given_up == set(shard.hosts))
        until(lambda: keeper.room() == 200)


def test_a_task_that_still_stores_leaves_the_rest_when_its_turn_is_over(engines: Engines) -> None:
    shard = claimed(*(f"prod-{number}" for number in range(25)))
    pause = threading.Event()
    engines.on_store = lambda: pause.wait(1.1) and None
    with keeping() as keeper:
        keeper.work(asked(engines, shard))
        assert 0 < len(engines.stored) < 25
        until(lambda: len(engines.stored) == 25)
        until(lambda: keeper.under_way == 0)


def test_a_process_that_ends_stores_what_is_answered_and_hands_the_others_back(engines: Engines) -> None:
    shard = claimed("good", "hangs")
    engines.hanging = {shard.hosts[1]}
    with keeping() as keeper:
        keeper.work(asked(engines, shard))
        keeper.stop()
        assert (keeper.under_way, keeper.room()) == (0, 0)
    assert set(engines.stored) == {shard.hosts[0]}
    assert Host.objects.get(name="hangs").claim == ""
    assert [one.hosts for one in claim_due(NOW)] == [(shard.hosts[1],)]


def test_a_task_that_is_told_of_the_end_hands_back_at_once(engines: Engines) -> None:
    shard = claimed("hangs")
    engines.hanging = set(shard.hosts)
    with keeping() as keeper:
        keeper.farewell.say()
        keeper.work(asked(engines, shard))
        assert keeper.under_way == 0
    assert Host.objects.get().claim == ""


def test_a_task_that_is_ended_hands_back_what_it_has_not_stored(engines: Engines) -> None:
    def ended() -> None:
        raise SystemExit("the soft time limit")

    shard = claimed("good", "hangs")
    engines.hanging, engines.on_store = {shard.hosts[1]}, ended
    with keeping() as keeper, pytest.raises(SystemExit):
        keeper.work(asked(engines, shard))
    assert set(Host.objects.values_list("claim", flat=True)) == {""}


def test_a_lease_is_prolonged_while_one_waits_and_not_after(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.sweeping.underway.RENEW_SECONDS", 0.1)
    shard = claimed("good", "hangs")
    engines.hanging = {shard.hosts[1]}
    later = NOW + timedelta(hours=1)
    underway = asked(engines, shard, clock=lambda: later)
    ends = Host.objects.filter(name="hangs").values_list("next_sweep_at", flat=True)
    assert ends[0] == NOW + LEASE
    with keeping() as keeper:
        keeper.work(underway)
        until_unlocked(lambda: ends.all()[0] == later + LEASE)


def test_a_broken_host_of_one_shard_does_not_end_the_keeper(engines: Engines) -> None:
    first = claimed("hangs")
    engines.hanging = set(first.hosts)
    with keeping() as keeper:
        keeper.work(asked(engines, first))
        second = claimed("hangs, too")
        engines.hanging |= set(second.hosts)
        keeper.work(asked(engines, second))
        calls: list[str] = []

        def broken_once() -> None:
            calls.append("stored")
            if len(calls) == 1:
                raise RuntimeError("no host's own trouble")

        engines.on_store = broken_once
        engines.let_go.set()
        until(lambda: keeper.under_way == 0)
    assert len(engines.stored) == 1
    assert list(Host.objects.values_list("claim", flat=True)).count("") == 1


def test_leases_are_prolonged_while_the_keeper_stores_for_long(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else others would take the hosts that wait, and what those answered would be thrown away."""
    monkeypatch.setattr("fleet.sweeping.underway.RENEW_SECONDS", 0.1)
    first, second, others = claimed("stored"), claimed("waits"), Engines()
    engines.hanging, others.hanging = set(first.hosts), set(second.hosts)
    later = NOW + timedelta(hours=1)
    storing, stored = threading.Event(), threading.Event()
    with keeping() as keeper:
        keeper.work(asked(engines, first, clock=lambda: later))
        keeper.work(asked(others, second, clock=lambda: later))
        engines.on_store = lambda: storing.set() or (stored.wait(20) and None)
        engines.let_go.set()
        assert storing.wait(20)
        others.let_go.set()
        until_unlocked(lambda: Host.objects.filter(name="waits").update(next_sweep_at=NOW))
        until_unlocked(lambda: Host.objects.get(name="waits").next_sweep_at == later + LEASE)
        stored.set()
        until(lambda: keeper.under_way == 0)


def test_leases_of_many_tasks_are_prolonged_with_one_statement(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.sweeping.underway.RENEW_SECONDS", 0)
    later = NOW + timedelta(hours=1)
    shards = [claimed("prod-1"), claimed("prod-2"), claimed("prod-3")]
    engines.hanging = {host for shard in shards for host in shard.hosts}
    works = [asked(engines, shard, clock=lambda: later) for shard in shards]
    claim_hosts(shards[2].hosts, NOW)  # somebody else has that one now
    with CaptureQueriesContext(connection) as told:
        renew_all(works)
    assert len([one for one in statements(told) if one.startswith("UPDATE")]) == 1
    assert list(Host.objects.order_by("name").values_list("next_sweep_at", flat=True)) == [
        later + LEASE, later + LEASE, NOW + LEASE,
    ]  # fmt: skip
    engines.let_go.set()
    for work in works:
        work.leave()


def test_the_lease_of_the_last_host_is_prolonged_while_it_is_stored(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.sweeping.underway.RENEW_SECONDS", 0.1)
    shard, later = claimed("last"), NOW + timedelta(hours=1)
    engines.hanging = set(shard.hosts)
    storing, stored = threading.Event(), threading.Event()
    engines.on_store = lambda: storing.set() or (stored.wait(20) and None)
    with keeping() as keeper:
        keeper.work(asked(engines, shard, clock=lambda: later))
        engines.let_go.set()
        assert storing.wait(20)
        until_unlocked(lambda: Host.objects.update(next_sweep_at=NOW))
        until_unlocked(lambda: Host.objects.get().next_sweep_at == later + LEASE)
        stored.set()
        until(lambda: keeper.under_way == 0)


def test_a_process_takes_as_many_hosts_as_it_stores_in_a_moment_and_none_while_it_has_that_many(
    engines: Engines,
) -> None:
    shard = claimed(*(f"prod-{number}" for number in range(100)))
    stored = threading.Event()
    engines.hanging = set(shard.hosts[40:])
    engines.on_store = lambda: time.sleep(0.2)  # twenty hosts
    with keeping(ahead=0.3) as keeper:
        keeper.work(asked(engines, shard))
        assert 20 <= keeper.room() <= 30
        engines.on_store = lambda: stored.wait(20) and None
        engines.let_go.set()
        until(lambda: keeper.room() == 0)
        assert list(keeper.turn(seconds=1.0)) == []  # when a turn's time is over
        stored.set()
        until(lambda: keeper.room() >= 20)


def test_a_process_whose_room_is_taken_by_hosts_that_hang_does_not_wait_for_them(engines: Engines) -> None:
    shard = claimed(*(f"prod-{number}" for number in range(10)))
    engines.hanging = set(shard.hosts)
    with keeping(most=10) as keeper:
        keeper.work(asked(engines, shard))
        began = time.monotonic()
        assert list(keeper.turn(seconds=1.0)) == []
        assert time.monotonic() - began < 0.5
        assert list(keeper.turn(slow=True)) == []


def test_a_task_asks_for_room_again_and_again_until_its_turn_is_over() -> None:
    with keeping() as keeper:
        began = time.monotonic()
        rooms = [room for room in keeper.turn(seconds=1.0) if time.sleep(0.1) is None]
        assert (set(rooms), len(rooms) > 5) == ({200}, True)
        assert 1.0 <= time.monotonic() - began < 2.0
        keeper.farewell.say()
        assert list(keeper.turn(seconds=1.0)) == []


def test_of_heavy_hosts_only_some_are_asked_at_a_time_and_all_of_them_in_the_end(engines: Engines) -> None:
    shard = claimed(*(f"prod-{number:02}" for number in range(30)))
    engines.hanging = set(shard.hosts)
    work = asked(engines, shard, heavy=lambda _: True)
    assert (len(work.futures), work.left) == (12, 30)
    engines.let_go.set()
    work.finish()
    assert len(engines.stored) == 30


def test_heavy_hosts_that_were_not_asked_yet_are_handed_back(engines: Engines) -> None:
    shard = claimed(*(f"prod-{number:02}" for number in range(30)))
    engines.hanging = set(shard.hosts)
    work = asked(engines, shard, heavy=lambda _: True)
    work.leave()
    engines.let_go.set()
    assert Host.objects.filter(claim="").count() == 30
