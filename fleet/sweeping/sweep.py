"""One shard of hosts, swept side by side: threads ask the engines, the calling thread writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from fleet.engines import look
from fleet.inventory import NothingNew
from fleet.models import Host
from fleet.recording import record_failure
from fleet.sealing import UnsealError
from fleet.sweeping.claims import SHARD_SIZE, Shard, begin, rest
from fleet.sweeping.concluding import PAUSES, Clock, Conclusions, News, Order, Round, Swept
from fleet.sweeping.keeper import Keeper
from fleet.sweeping.pace import Pace
from fleet.sweeping.planning import plans_for
from fleet.sweeping.underway import Underway
from fleet.transport import Endpoint, EngineClient, Limits, TlsMaterial, TransportError


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
        round_ = Round(shard.claim, iter(PAUSES))
        pool = keeper.threads if keeper is not None else None
        conclusions = Conclusions(round_, bounds, clock, finish, pace)
        underway = _asked(
            orders, round_, limits=bounds, threads=threads, pool=pool, clock=clock, conclusions=conclusions
        )
        if keeper is not None:
            keeper.work(underway)
        else:
            underway.finish()
        conclusions.end()
    return results


def _orders(hosts: Sequence[Host], now: datetime) -> tuple[list[Order], list[tuple[Host, str]]]:
    orders: list[Order] = []
    broken: list[tuple[Host, str]] = []
    plans = plans_for(hosts, now)
    for host in hosts:
        try:
            ca, certificate, key = host.credentials()
            tls = TlsMaterial(ca, certificate, key) if host.has_credentials else None
            orders.append(
                Order(host.pk, host.name, Endpoint(host.url, tls), host.next_sweep_at, plans[host.pk], host.engine_id)
            )
        except (UnsealError, TransportError) as error:
            broken.append((host, str(error)))
    return orders, broken


def _asked(
    orders: Sequence[Order],
    round_: Round,
    *,
    limits: Limits,
    threads: int,
    pool: ThreadPoolExecutor | None,
    clock: Clock,
    conclusions: Conclusions,
) -> Underway[Order, News]:
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
        heavy=lambda order: not order.known,
    )
    return underway


def _ask(order: Order, limits: Limits, clock: Clock) -> News:
    """Runs in a thread of its own."""
    with EngineClient(order.endpoint, limits=limits) as client:
        return look(client, now=clock(), plan=order.plan)
