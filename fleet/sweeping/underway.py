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
_GATHER_SECONDS = 0.05
#: Heavy hosts of a shard that are asked, or wait to be stored, at a time.
_HEAVY_AT_ONCE = 12


class Asked(Protocol):
    """Whatever else a thread needs, it asks one host."""

    @property
    def host_id(self) -> int: ...


O = TypeVar("O", bound=Asked)  # noqa: E741 - an order
A = TypeVar("A")


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
        self._claim, self._ask, self._store, self._clock, self._light = claim, ask, store, clock, light
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

    def step(self, seconds: float) -> bool:
        """Waits so long for an answer, then stores of those that are there; says whether there were any."""
        done = wait(self._waiting, timeout=seconds, return_when=FIRST_COMPLETED).done
        if done and len(done) < len(self._waiting):
            # Hosts that answer within a moment are stored with one statement, and their threads work meanwhile.
            time.sleep(_GATHER_SECONDS)
        came = [(future, False) for future in self._waiting if future.done()]
        ended = self._some(came + [(future, True) for future in self._overdue()])
        self._storing = [self._waiting.pop(future) for future, _ in ended]
        if ended:
            both = zip(ended, self._storing, strict=True)
            self._store([Answer(o, None if late else future, self._since(o)) for (future, late), o in both])
            self._storing = []
        self._submit_heavy()
        self.renew()
        return bool(ended)

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
                give_back(self._claim, left, self._clock())
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
        mine = self._mine()
        if not mine or time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._renewed = time.monotonic()
        try:
            renew(self._claim, mine, self._clock())
        except (DatabaseError, InterfaceError):
            # Should it stay away for a whole lease, others sweep these hosts, and what comes of this is thrown away.
            logger.warning("the lease of %d hosts could not be prolonged", len(mine), exc_info=True)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    def _mine(self) -> set[int]:
        # Those of a batch that have been stored carry no claim any more.
        # Copied first, because the thread that sees to leases asks, too.
        return {order.host_id for order in [*list(self._waiting.values()), *list(self._later), *self._storing]}
