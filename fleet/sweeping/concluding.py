"""What is done with a shard's answers: stored and judged, many hosts together where nothing is against it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction

from fleet.assessment import Outside, add_up_marked, assess_all_recorded
from fleet.engines import Plan
from fleet.inventory import NothingNew, Snapshot
from fleet.models.unwritten import Unwritten
from fleet.recording import Recorded, StaleClaimError, record_all, record_failure
from fleet.sweeping.claims import longest_pause, next_after, rest
from fleet.sweeping.pace import Pace
from fleet.sweeping.quiet import Stored, store_quiet
from fleet.sweeping.underway import Answer, Underway
from fleet.transport import Endpoint, Limits, TransportError

logger = logging.getLogger(__name__)

#: Times that a sweep is stored when the database ends it for the sake of another.
_TRIES: Final = 3
#: Seconds that a shard waits for a database that went away, all its hosts together: a restart takes few, and all of
#: them still fit between the end of the longest sweep and the soft limit of its task.
PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
#: Hosts on which something changed that are stored in one transaction, with hardly more statements than one alone.
_TOGETHER: Final = 20

_CLAIMED_ANEW: Final = "Another sweep of this host was started meanwhile; this one was thrown away."
Clock = Callable[[], datetime]
News = Snapshot | NothingNew


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of one host. `error` is a sentence an admin can act on, None when all went well."""

    name: str
    ok: bool
    error: str | None
    seconds: float
    containers: int
    changed: int


@dataclass(frozen=True, slots=True)
class Order:
    """All that a thread needs; it never touches the database."""

    host_id: int
    name: str
    endpoint: Endpoint
    due: datetime
    plan: Plan
    engine_id: str  # as it was told last

    @property
    def known(self) -> bool:
        """Whether it was swept before."""
        return self.plan.looks is not None or bool(self.plan.known)


@dataclass(frozen=True, slots=True)
class Round:
    """One shard's sweep: whose claim it has, how long it may still wait for the database, and what it came by."""

    claim: str
    pauses: Iterator[float]
    touched: set[int] = field(default_factory=set)  # services that are marked


class _Outside:
    """What some answers are judged by besides their own rows: read when the first of them needs it."""

    def __init__(self, engine_ids: Sequence[str]) -> None:
        self._engine_ids = engine_ids
        self._read: Outside | None = None

    def at(self, now: datetime) -> Outside:
        if self._read is None:
            self._read = Outside.load(self._engine_ids, now)
        return self._read


class Conclusions:
    """What is done with the shard's answers, by whichever thread stores them: the quiet hosts of a batch together."""

    def __init__(
        self, round_: Round, limits: Limits, clock: Clock, finish: Callable[[Swept], None], pace: Pace | None
    ) -> None:
        self._round, self._limits, self._clock, self._finish, self._pace = round_, limits, clock, finish, pace

    def store(self, answers: Sequence[Answer[Order, News]], underway: Underway[Order, News]) -> None:
        outside = _Outside([answer.order.engine_id for answer in answers])
        quiet: list[tuple[Answer[Order, News], NothingNew]] = []
        changed: list[tuple[Answer[Order, News], News]] = []
        at_first = False
        for answer in answers:
            found = answer.future.result() if answer.future and answer.future.exception() is None else None
            if isinstance(found, NothingNew):
                quiet.append((answer, found))
            elif found is not None and answer.order.known:
                changed.append((answer, found))
            else:
                # Of a host that is new there is so much to store that it gains nothing from others.
                at_first = at_first or found is not None
                self._finish(self._one(answer, outside))
                underway.renew()
        if quiet:
            changed += self._store_quiet(quiet, outside)
        for start in range(0, len(changed), _TOGETHER):
            self._store_together(changed[start : start + _TOGETHER], outside)
            underway.renew()
        if self._pace is not None:
            self._pace.now_and_then(self._clock, at_first=at_first)

    def end(self) -> None:
        """Everything of this shard is added up, or what its share of the time allows when others follow."""
        if self._pace is not None:
            self._pace.now_and_then(self._clock)
            return
        try:
            add_up_marked(self._clock(), only=self._round.touched)
        except (DatabaseError, InterfaceError):
            # The marks are still there, for the job that catches up.
            logger.warning("the services of a shard could not be added up yet", exc_info=True)

    def _one(self, answer: Answer[Order, News], outside: _Outside) -> Swept:
        order, round_ = answer.order, self._round
        if answer.future is None:
            return _give_up(order, round_, self._limits, clock=self._clock, seconds=answer.seconds)
        return _conclude(order, answer.future, round_, outside, clock=self._clock, seconds=answer.seconds)

    def _store_quiet(
        self, quiet: Sequence[tuple[Answer[Order, News], NothingNew]], outside: _Outside
    ) -> list[tuple[Answer[Order, News], News]]:
        """Returns those that have to be judged though nothing on them changed."""
        now = self._clock()
        try:
            found = {answer.order.host_id: (seen, _due(answer.order, now)) for answer, seen in quiet}
            stored = store_quiet(found, claim=self._round.claim, now=now, outside=outside.at(now))
        except (DatabaseError, InterfaceError):
            logger.warning("%d quiet hosts are stored one by one", len(quiet), exc_info=True)
            stored = Stored({}, frozenset(answer.order.host_id for answer, _ in quiet))
        left: list[tuple[Answer[Order, News], News]] = []
        for answer, seen in quiet:
            order = answer.order
            if order.host_id in stored.containers:
                count = stored.containers[order.host_id]
                self._finish(Swept(order.name, ok=True, error=None, seconds=seen.seconds, containers=count, changed=0))
            elif order.host_id in stored.to_judge:
                left.append((answer, seen))
            else:
                self._finish(failed(order, _CLAIMED_ANEW, seen.seconds))
        return left

    def _store_together(self, changed: Sequence[tuple[Answer[Order, News], News]], outside: _Outside) -> None:
        """In one transaction; whatever goes wrong with it, each is stored by itself and fails for itself."""
        if len(changed) > 1:
            found = [(answer.order, news) for answer, news in changed]
            try:
                recorded = _record_and_judge(found, self._round, outside.at(self._clock()), self._clock())
            except StaleClaimError as error:
                # Somebody pressed "Sweep now" for one of them; the others are stored together all the same.
                for answer, news in changed:
                    if answer.order.host_id in error.hosts:
                        self._finish(failed(answer.order, _CLAIMED_ANEW, news.seconds))
                mine = [one for one in changed if one[0].order.host_id not in error.hosts]
                self._store_together(mine, outside)
                return
            except Exception:
                logger.warning("%d changed hosts are stored one by one", len(changed), exc_info=True)
            else:
                for (order, news), one in zip(found, recorded, strict=True):
                    self._finish(_stored(order, news, one))
                return
        for answer, _ in changed:
            self._finish(self._one(answer, outside))


def _due(order: Order, now: datetime) -> datetime:
    """One that failed until now was claimed with a long pause, which is over with the failures."""
    return min(order.due, now + longest_pause(0))


def _conclude(
    order: Order, future: Future[News], round_: Round, outside: _Outside, *, clock: Clock, seconds: float
) -> Swept:
    try:
        return _store(order, future.result(), round_, outside, now=clock())
    except StaleClaimError:
        return failed(order, _CLAIMED_ANEW, seconds)
    except TransportError as error:
        code, reason = str(error.code), str(error)
    except (DatabaseError, InterfaceError) as error:
        logger.exception("the sweep of %s could not be stored", order.name)
        # The first line alone: the rest quotes the row that was refused.
        code, reason = "database", f"The database refused the result: {str(error).partition(chr(10))[0]}"
    except Exception as error:
        # Whatever it is, it costs this host's sweep and not those of the others in the shard.
        logger.exception("sweep of %s failed", order.name)
        code, reason = (
            "internal",
            f"Loadline itself failed on this engine's answer ({type(error).__name__}); see the log.",
        )
    return _fail(order, round_, code=code, reason=reason, now=clock(), seconds=seconds)


def _store(order: Order, news: News, round_: Round, outside: _Outside, *, now: datetime) -> Swept:
    """Two workers that add up the same services may lock each other out, or one may delete what the other points to;
    the database ends one, which then tries again. A database that restarts is waited for: without that the hosts
    would have been asked for nothing, and not again before their lease ends.
    """
    tries_left = _TRIES
    while True:
        try:
            (recorded,) = _record_and_judge([(order, news)], round_, outside.at(now), now)
        except (DatabaseError, InterfaceError) as error:
            if not _waited(round_):
                tries_left -= 1
                if not tries_left or not isinstance(error, OperationalError | IntegrityError):
                    raise
            logger.warning("storing the sweep of %s is tried again", order.name, exc_info=True)
        else:
            return _stored(order, news, recorded)


def _stored(order: Order, news: News, recorded: Recorded) -> Swept:
    return Swept(
        order.name,
        ok=True,
        error=None,
        seconds=round(news.seconds, 3),  # without the wait for its turn to be stored
        containers=recorded.containers,
        changed=recorded.changed,
    )


def _record_and_judge(
    found: Sequence[tuple[Order, News]], round_: Round, outside: Outside, now: datetime
) -> list[Recorded]:
    """All of it or nothing: a worker killed half-way must not leave a service green whose container just turned red."""
    with transaction.atomic():
        told = [(order.host_id, news) for order, news in found]
        unwritten = Unwritten()
        recorded = record_all(told, now=now, claim=round_.claim, unwritten=unwritten)
        assessed = assess_all_recorded(recorded, now=now, outside=outside, unwritten=unwritten)
        for (order, _), one, judged in zip(found, recorded, assessed, strict=True):
            one.host.next_sweep_at = next_after(_due(order, now), now)
            one.host.rows_written = one.changed + judged.judged
            unwritten.save([one.host], ("next_sweep_at", "rows_written"))
        unwritten.write()
    for judged in assessed:
        round_.touched.update(judged.services)
    return recorded


def _waited(round_: Round) -> bool:
    """Whether the connection is lost and there was time left to wait for another."""
    if connection.in_atomic_block:
        return False
    # Asked, because Django forgets at the end of the transaction that something went wrong in it.
    if connection.connection is not None and connection.is_usable():
        return False
    connection.close()
    seconds = next(round_.pauses, None)
    if seconds is None:
        return False
    time.sleep(seconds)
    return True


def _give_up(order: Order, round_: Round, limits: Limits, *, clock: Clock, seconds: float) -> Swept:
    reason = f"The engine kept the sweep busy for more than {limits.sweep_seconds:.0f} seconds; it was given up."
    return _fail(order, round_, code="timeout", reason=reason, now=clock(), seconds=seconds)


def _fail(order: Order, round_: Round, *, code: str, reason: str, now: datetime, seconds: float) -> Swept:
    try:
        with transaction.atomic():
            if record_failure(order.host_id, code=code, reason=reason, now=now, claim=round_.claim):
                rest(order.host_id, due=order.due, now=now)
    except (DatabaseError, InterfaceError):
        # A full disk takes no failure either. The others of the shard shall have their turn all the same; this host
        # is swept again when its lease ends, and reads as stale until then.
        logger.exception("not even the failure of %s could be stored", order.name)
    return failed(order, reason, seconds)


def failed(order: Order, reason: str, seconds: float) -> Swept:
    return Swept(order.name, ok=False, error=reason, seconds=seconds, containers=0, changed=0)
