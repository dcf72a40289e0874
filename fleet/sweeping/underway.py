"""The hosts of one shard while they are being asked: threads ask, whoever calls `step` stores."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from fleet.sweeping.claims import RENEW_SECONDS, give_back, renew

logger = logging.getLogger(__name__)

#: Answers that came together are stored together, but no more than this, so that a task can end in between.
_TOGETHER = 20
#: So many are waited for, at most so long, because storing twenty takes hardly more statements than storing one.
_GATHER_SECONDS, _GATHER_STEP = 0.5, 0.02
#: Heavy hosts of a shard that are asked, or wait to be stored, at a time.
_HEAVY_AT_ONCE = 12


class Asked(Protocol):
    """Whatever else a thread needs, it asks one host."""

    @property
    def host_id(self) -> int: ...


class Leased(Protocol):
    """Hosts under one claim."""

    @property
    def claim(self) -> str: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    def to_renew(self) -> set[int]: ...


O = TypeVar("O", bound=Asked)  # noqa: E741 - an order
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Stored:
    """How many hosts one step was done with, and how long storing them took; false when there were none."""

    hosts: int
    seconds: float

    def __bool__(self) -> bool:
        return self.hosts > 0


@dataclass(frozen=True, slots=True)
class Answer(Generic[O, A]):
    """What came of one host; `future` is None when it was given up. `seconds` since its thread began."""

    order: O
    future: Future[A] | None
    seconds: float


class Underway(Generic[O, A]):
    """Asks every host in a thread of its own and keeps the claim on those that have not been stored.

    The threads are those of the `pool`, or `threads` of its own. `store` gets answers that came together, in the
    calling thread, calls `renew` now and then, and raises nothing that is one host's own trouble. A host whose thread
    the transport failed to end within `longest` seconds is given up. Answers that are `light` come to `store` however
    many there are; of `heavy` hosts only some are asked at a time.
    """

    def __init__(
        self,
        orders: Sequence[O],
        *,
        claim: str,
        ask: Callable[[O], A],
        store: Callable[[Sequence[Answer[O, A]]], None],
        clock: Callable[[], datetime],
        longest: float,
        threads: int,
        pool: ThreadPoolExecutor | None = None,
        light: Callable[[A], bool] = lambda _: False,
        heavy: Callable[[O], bool] = lambda _: False,
    ) -> None:
        self.claim, self._ask, self._store, self.clock, self._light = claim, ask, store, clock, light
        self._longest, self._renewed = longest, time.monotonic()
        self._begun: dict[int, float] = {}
        self._storing: list[O] = []
        # Not `with ThreadPoolExecutor`: leaving that block would wait for the threads that hang.
        asking = pool or ThreadPoolExecutor(max(1, min(threads, len(orders))), "sweep")
        self._own = None if pool else asking
        self._asking, self._heavy = asking, heavy
        self._waiting: dict[Future[A], O] = {}
        self._later = deque(order for order in orders if heavy(order))
        for order in orders:
            if not heavy(order):
                self._submit(order)
        self._submit_heavy()

    @property
    def futures(self) -> Collection[Future[A]]:
        """Of the hosts that are being asked or wait to be stored; none are left when this is empty."""
        return self._waiting.keys()

    @property
    def holds(self) -> bool:
        """Whether any claim is to be kept; while the last hosts are being stored, too."""
        return bool(self._mine())

    @property
    def left(self) -> int:
        """How many hosts are not stored yet, with those that are not asked yet."""
        return len(self._waiting) + len(self._later)

    @property
    def backlog(self) -> int:
        """How many of them only wait for this process: answered, or not asked yet."""
        return sum(future.done() for future in list(self._waiting)) + len(self._later)

    def step(self, seconds: float) -> Stored:
        """Waits so long for an answer, then stores of those that are there; says how many there were."""
        if wait(self._waiting, timeout=seconds, return_when=FIRST_COMPLETED).done:
            self._gather()
        began = time.monotonic()
        came = [(future, False) for future in self._waiting if future.done()]
        ended = self._some(came + [(future, True) for future in self._overdue()])
        self._storing = [self._waiting.pop(future) for future, _ in ended]
        if ended:
            both = zip(ended, self._storing, strict=True)
            self._store([Answer(o, None if late else future, self._since(o)) for (future, late), o in both])
            self._storing = []
        self._submit_heavy()
        self.renew()
        return Stored(len(ended), time.monotonic() - began)

    def _gather(self) -> None:
        """Hosts that answer within a moment are stored with one statement, and their threads work meanwhile."""
        latest = time.monotonic() + _GATHER_SECONDS
        enough = min(_TOGETHER, len(self._waiting))
        while sum(future.done() for future in self._waiting) < enough and time.monotonic() < latest:
            time.sleep(_GATHER_STEP)

    def _submit(self, order: O) -> None:
        self._waiting[self._asking.submit(self._run, order)] = order

    def _submit_heavy(self) -> None:
        """What is told of a host that is new is megabytes, and storing it takes longer than asking."""
        if self._later:
            room = _HEAVY_AT_ONCE - sum(map(self._heavy, self._waiting.values()))
            for _ in range(min(room, len(self._later))):
                self._submit(self._later.popleft())

    def _some(self, ended: list[tuple[Future[A], bool]]) -> list[tuple[Future[A], bool]]:
        """All that are light to store, and a few of the others."""
        light = [(future, late) for future, late in ended if not late and self._is_light(future)]
        heavy = [one for one in ended if one not in light]
        return light + heavy[:_TOGETHER]

    def _is_light(self, future: Future[A]) -> bool:
        return future.exception() is None and self._light(future.result())

    def finish(self) -> None:
        """Steps until every host is stored."""
        try:
            while self._waiting:
                self.step(0.5)
        finally:
            self.leave()

    def leave(self) -> None:
        """Hands back what is not stored; its threads end when the transport ends them."""
        left = self._mine()
        for future in self._waiting:
            future.cancel()
        self._waiting.clear()
        self._later.clear()
        self._storing = []
        if self._own is not None:
            self._own.shutdown(wait=False)
        if left:
            try:
                give_back(self.claim, left, self.clock())
            except (DatabaseError, InterfaceError):
                logger.warning("%d hosts could not be handed back; their lease ends by itself", len(left))

    def _run(self, order: O) -> A:
        """Runs in a thread of its own and never touches the database."""
        self._begun[order.host_id] = time.monotonic()
        return self._ask(order)

    def _since(self, order: O) -> float:
        return round(time.monotonic() - self._begun.get(order.host_id, time.monotonic()), 3)

    def _overdue(self) -> list[Future[A]]:
        """Threads that the transport's own limits failed to end: the last line of defence."""
        latest = time.monotonic() - self._longest
        return [
            future
            for future, order in self._waiting.items()
            if not future.done() and self._begun.get(order.host_id, latest + 1) < latest
        ]

    def renew(self) -> None:
        """Keeps the claim, where it is time to. `store` calls it when it takes long."""
        renew_all([self])

    def to_renew(self) -> set[int]:
        """Hosts whose lease is to be prolonged now, if it is time to."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return set()
        self._renewed = time.monotonic()
        return self._mine()

    def _mine(self) -> set[int]:
        # Those of a batch that have been stored carry no claim any more.
        # Copied first, because the thread that sees to leases asks, too.
        return {order.host_id for order in [*list(self._waiting.values()), *list(self._later), *self._storing]}


def renew_all(works: Sequence[Leased]) -> None:
    """Keeps the claims of all, where it is time to, with one statement: with few hosts in each there are many."""
    mine = {work.claim: hosts for work in works if (hosts := work.to_renew())}
    if not mine:
        return
    hosts = {host for some in mine.values() for host in some}
    try:
        renew(list(mine), hosts, works[0].clock())
    except (DatabaseError, InterfaceError):
        # Should it stay away for a whole lease, others sweep these hosts, and what comes of this is thrown away.
        logger.warning("the lease of %d hosts could not be prolonged", len(hosts), exc_info=True)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
