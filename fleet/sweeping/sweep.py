"""One shard of hosts, swept side by side: threads ask the engines, the calling thread writes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction

from fleet.assessment import Outside, add_up_marked, assess_recorded
from fleet.engines import Plan, look
from fleet.inventory import NothingNew, Snapshot
from fleet.models import Host
from fleet.recording import Recorded, StaleClaimError, record, record_failure, record_nothing_new
from fleet.sealing import UnsealError
from fleet.sweeping.claims import SHARD_SIZE, Shard, begin, longest_pause, rest
from fleet.sweeping.keeper import Keeper
from fleet.sweeping.pace import Pace
from fleet.sweeping.planning import plans_for
from fleet.sweeping.quiet import Stored, store_quiet
from fleet.sweeping.underway import Answer, Underway
from fleet.transport import Endpoint, EngineClient, Limits, TlsMaterial, TransportError

logger = logging.getLogger(__name__)

#: Times that a sweep is stored when the database ends it for the sake of another.
_TRIES = 3
#: Seconds that a shard waits for a database that went away, all its hosts together: a restart takes few, and all of
#: them still fit between the end of the longest sweep and the soft limit of its task.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)

_CLAIMED_ANEW = "Another sweep of this host was started meanwhile; this one was thrown away."
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
class _Order:
    """All that a thread needs; it never touches the database."""

    host_id: int
    name: str
    endpoint: Endpoint
    due: datetime
    plan: Plan
    engine_id: str  # as it was told last


@dataclass(frozen=True, slots=True)
class _Round:
    """One shard's sweep: whose claim it has, how long it may still wait for the database, and what it came by."""

    claim: str
    pauses: Iterator[float]
    touched: set[int] = field(default_factory=set)  # services that are marked


def sweep_claimed(
    shard: Shard,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    limits: Limits | None = None,
    threads: int = SHARD_SIZE,
    on_result: Callable[[Swept], None] | None = None,
    keeper: Keeper | None = None,
    pace: Pace | None = None,
) -> list[Swept]:
    """Sweeps every host of the shard and returns what came of each, in no order.

    A host that hangs, lies or breaks costs its own sweep and nothing else: its thread is left behind when its time
    is up, and the others have long been recorded by then. With a `keeper`, hosts that take long are left to it; they
    are not among the results. Services are added up at the end, or at the `pace` of all shards of this process.
    """
    bounds = limits or Limits()
    results: list[Swept] = []

    def finish(swept: Swept) -> None:
        results.append(swept)
        if on_result:
            on_result(swept)

    now = clock()
    orders, broken = _orders(begin(shard, now), now)
    for host, reason in broken:
        if record_failure(host.pk, code="credentials", reason=reason, now=clock(), claim=shard.claim):
            rest(host.pk, due=host.next_sweep_at, now=clock())
        finish(Swept(host.name, ok=False, error=reason, seconds=0.0, containers=0, changed=0))
    if orders:
        round_ = _Round(shard.claim, iter(PAUSES))
        pool = keeper.threads if keeper is not None else None
        conclusions = _Conclusions(round_, bounds, clock, finish, pace)
        underway = _asked(
            orders, round_, limits=bounds, threads=threads, pool=pool, clock=clock, conclusions=conclusions
        )
        if keeper is not None:
            keeper.work(underway)
        else:
            underway.finish()
        conclusions.end()
    return results


def _orders(hosts: Sequence[Host], now: datetime) -> tuple[list[_Order], list[tuple[Host, str]]]:
    orders: list[_Order] = []
    broken: list[tuple[Host, str]] = []
    plans = plans_for(hosts, now)
    for host in hosts:
        try:
            ca, certificate, key = host.credentials()
            tls = TlsMaterial(ca, certificate, key) if host.has_credentials else None
            orders.append(
                _Order(host.pk, host.name, Endpoint(host.url, tls), host.next_sweep_at, plans[host.pk], host.engine_id)
            )
        except (UnsealError, TransportError) as error:
            broken.append((host, str(error)))
    return orders, broken


def _asked(
    orders: Sequence[_Order],
    round_: _Round,
    *,
    limits: Limits,
    threads: int,
    pool: ThreadPoolExecutor | None,
    clock: Clock,
    conclusions: _Conclusions,
) -> Underway[_Order, News]:
    underway = Underway(
        orders,
        claim=round_.claim,
        ask=lambda order: _ask(order, limits, clock),
        store=lambda answers: conclusions.store(answers, underway),
        clock=clock,
        longest=limits.sweep_seconds + 5,  # behind the transport's own limit
        threads=threads,
        pool=pool,
        light=lambda news: isinstance(news, NothingNew),
        heavy=lambda order: order.plan.looks is None and not order.plan.known,
    )
    return underway


class _Outside:
    """What some answers are judged by besides their own rows: read when the first of them needs it."""

    def __init__(self, engine_ids: Sequence[str]) -> None:
        self._engine_ids = engine_ids
        self._read: Outside | None = None

    def at(self, now: datetime) -> Outside:
        if self._read is None:
            self._read = Outside.load(self._engine_ids, now)
        return self._read


class _Conclusions:
    """What is done with the shard's answers, by whichever thread stores them: the quiet hosts of a batch together."""

    def __init__(
        self, round_: _Round, limits: Limits, clock: Clock, finish: Callable[[Swept], None], pace: Pace | None
    ) -> None:
        self._round, self._limits, self._clock, self._finish, self._pace = round_, limits, clock, finish, pace

    def store(self, answers: Sequence[Answer[_Order, News]], underway: Underway[_Order, News]) -> None:
        outside = _Outside([answer.order.engine_id for answer in answers])
        quiet: list[tuple[Answer[_Order, News], NothingNew]] = []
        for answer in answers:
            found = answer.future.result() if answer.future and answer.future.exception() is None else None
            if isinstance(found, NothingNew):
                quiet.append((answer, found))
                continue
            self._finish(self._one(answer, outside))
            underway.renew()
        if quiet:
            self._store_quiet(quiet, outside)
        if self._pace is not None:
            self._pace.now_and_then(self._clock)

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

    def _one(self, answer: Answer[_Order, News], outside: _Outside) -> Swept:
        order, round_ = answer.order, self._round
        if answer.future is None:
            return _give_up(order, round_, self._limits, clock=self._clock, seconds=answer.seconds)
        return _conclude(order, answer.future, round_, outside, clock=self._clock, seconds=answer.seconds)

    def _store_quiet(self, quiet: Sequence[tuple[Answer[_Order, News], NothingNew]], outside: _Outside) -> None:
        now = self._clock()
        try:
            found = {answer.order.host_id: (seen, _due(answer.order, now)) for answer, seen in quiet}
            stored = store_quiet(found, claim=self._round.claim, now=now)
        except (DatabaseError, InterfaceError):
            logger.warning("%d quiet hosts are stored one by one", len(quiet), exc_info=True)
            stored = Stored({}, frozenset(answer.order.host_id for answer, _ in quiet))
        for answer, seen in quiet:
            order = answer.order
            if order.host_id in stored.containers:
                count = stored.containers[order.host_id]
                self._finish(Swept(order.name, ok=True, error=None, seconds=seen.seconds, containers=count, changed=0))
            elif order.host_id in stored.to_judge:
                self._finish(self._one(answer, outside))
            else:
                self._finish(_failed(order, _CLAIMED_ANEW, seen.seconds))


def _due(order: _Order, now: datetime) -> datetime:
    """One that failed until now was claimed with a long pause, which is over with the failures."""
    return min(order.due, now + longest_pause(0))


def _ask(order: _Order, limits: Limits, clock: Clock) -> News:
    """Runs in a thread of its own."""
    with EngineClient(order.endpoint, limits=limits) as client:
        return look(client, now=clock(), plan=order.plan)


def _conclude(
    order: _Order, future: Future[News], round_: _Round, outside: _Outside, *, clock: Clock, seconds: float
) -> Swept:
    try:
        return _store(order, future.result(), round_, outside, now=clock(), seconds=seconds)
    except StaleClaimError:
        return _failed(order, _CLAIMED_ANEW, seconds)
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


def _store(order: _Order, news: News, round_: _Round, outside: _Outside, *, now: datetime, seconds: float) -> Swept:
    recorded = _record_and_judge(order, news, round_, outside, now)
    return Swept(
        order.name,
        ok=True,
        error=None,
        seconds=round(news.seconds, 3),  # without the wait for its turn to be stored
        containers=recorded.containers,
        changed=recorded.changed,
    )


def _record_and_judge(order: _Order, news: News, round_: _Round, outside: _Outside, now: datetime) -> Recorded:
    """All of it or nothing: a worker killed half-way must not leave a service green whose container just turned red.

    Two workers that add up the same services may lock each other out, or one may delete what the other points to;
    the database ends one, which then tries again. A database that restarts is waited for: without that the hosts
    would have been asked for nothing, and not again before their lease ends.
    """
    tries_left = _TRIES
    while True:
        try:
            with transaction.atomic():
                recorded = _record(order.host_id, news, now=now, claim=round_.claim)
                assessed = assess_recorded(recorded, now=now, outside=outside.at(now))
                written = recorded.changed + assessed.judged
                rest(order.host_id, due=_due(order, now), now=now, written=written)
        except (DatabaseError, InterfaceError) as error:
            if not _waited(round_):
                tries_left -= 1
                if not tries_left or not isinstance(error, OperationalError | IntegrityError):
                    raise
            logger.warning("storing the sweep of %s is tried again", order.name, exc_info=True)
        else:
            round_.touched.update(assessed.services)
            return recorded


def _record(host_id: int, news: News, *, now: datetime, claim: str) -> Recorded:
    if isinstance(news, NothingNew):
        return record_nothing_new(host_id, news, now=now, claim=claim)
    return record(host_id, news, now=now, claim=claim)


def _waited(round_: _Round) -> bool:
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


def _give_up(order: _Order, round_: _Round, limits: Limits, *, clock: Clock, seconds: float) -> Swept:
    reason = f"The engine kept the sweep busy for more than {limits.sweep_seconds:.0f} seconds; it was given up."
    return _fail(order, round_, code="timeout", reason=reason, now=clock(), seconds=seconds)


def _fail(order: _Order, round_: _Round, *, code: str, reason: str, now: datetime, seconds: float) -> Swept:
    try:
        with transaction.atomic():
            if record_failure(order.host_id, code=code, reason=reason, now=now, claim=round_.claim):
                rest(order.host_id, due=order.due, now=now)
    except (DatabaseError, InterfaceError):
        # A full disk takes no failure either. The others of the shard shall have their turn all the same; this host
        # is swept again when its lease ends, and reads as stale until then.
        logger.exception("not even the failure of %s could be stored", order.name)
    return _failed(order, reason, seconds)


def _failed(order: _Order, reason: str, seconds: float) -> Swept:
    return Swept(order.name, ok=False, error=reason, seconds=seconds, containers=0, changed=0)
