"""Who sweeps which host: decided in the database, so that a lost or doubled message costs nothing."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from fleet.models import Host
from fleet.models.writing import save_fields

#: Hosts in one task; each has a thread of its own inside it.
SHARD_SIZE = 25
#: A host that keeps failing is asked no less often than this.
LONGEST_PAUSE = timedelta(minutes=15)
#: Hosts that failed this often in a row go to a queue of their own, so that they delay nobody.
SLOW_AFTER = 2
CLAIM_AT_MOST = 500
_SPREAD = 0.1
#: Once it has begun, a sweep has the host to itself for this long: longer than a task may take. Without it every sweep
#: that lasts longer than the interval would lose its claim to the next one, and no result would ever be stored.
LEASE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Shard:
    """Hosts that one task sweeps under one claim. `slow` ones have failed of late."""

    claim: str
    hosts: tuple[int, ...]
    slow: bool


def claim_due(now: datetime) -> list[Shard]:
    """Claims every host whose time has come and moves that time on; two dispatchers never get the same host.

    1. The rows are locked (skipping those another dispatcher holds, where the database can).
    2. `next_sweep_at` moves to the next interval before anything is handed out, so a lost message costs one interval.
    3. The claim is written; a sweep whose claim is no longer on the host throws its result away.
    4. A time further ahead than this module ever writes one is the work of a clock that was ahead: it counts as come.
    """
    with transaction.atomic():
        due = Host.objects.due(
            now, latest=now + _ever(LONGEST_PAUSE), latest_of_good=now + max(2 * LEASE, _ever(timedelta(0)))
        )
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        return _claim(list(due.only("id", "failures")[:CLAIM_AT_MOST]), now)


def claim_hosts(ids: Iterable[int], now: datetime, *, shard_size: int = SHARD_SIZE) -> list[Shard]:
    """Claims these hosts at once, due or not: somebody pressed "Sweep now". A sweep under way loses its claim."""
    with transaction.atomic():
        chosen = Host.objects.filter(pk__in=list(ids)).select_for_update().only("id", "failures")
        return _claim(list(chosen), now, shard_size)


def begin(shard: Shard, now: datetime) -> list[Host]:
    """The hosts that still carry the shard's claim, kept from the dispatcher until `rest` or until the lease ends.

    Each still has the `next_sweep_at` that it was claimed with.
    """
    with transaction.atomic():
        mine = Host.objects.select_for_update().filter(pk__in=shard.hosts, claim=shard.claim)
        hosts = list(mine.defer("facts", "swarm", "standing", "own_standing"))
        Host.objects.filter(pk__in=[host.pk for host in hosts]).update(next_sweep_at=now + LEASE)
    return hosts


def rest(host_id: int, *, due: datetime, now: datetime, written: int | None = None) -> None:
    """The sweep is over: the host is asked again when it was `due`, but not at once when the sweep outlasted that.

    `written` is how many rows a good one wrote; it travels with the update that a sweep ends with anyhow.
    """
    rows = {} if written is None else {"rows_written": written}
    Host.objects.filter(pk=host_id).update(next_sweep_at=next_after(due, now), **rows)


def next_after(due: datetime, now: datetime) -> datetime:
    """When a host is asked again whose sweep is over and that was `due` then."""
    return max(due, now + timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS) / 2)


def _claim(hosts: Sequence[Host], now: datetime, size: int = SHARD_SIZE) -> list[Shard]:
    shards: list[Shard] = []
    for slow in (False, True):
        group = [host for host in hosts if (host.failures >= SLOW_AFTER) is slow]
        for start in range(0, len(group), size):
            part = group[start : start + size]
            claim = secrets.token_hex(8)
            for host in part:
                host.claim, host.next_sweep_at = claim, now + pause(host.failures)
            save_fields(part, ["claim", "next_sweep_at"])
            shards.append(Shard(claim, tuple(host.pk for host in part), slow))
    return shards


def _ever(longest: timedelta) -> timedelta:
    """Twice what `pause` may come to when it is at most `longest`, or an interval that is longer than that."""
    return 2 * max(longest, timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS))


def pause(failures: int) -> timedelta:
    """The interval, doubled with every failure in a row up to a quarter of an hour, give or take a tenth.

    The spread keeps hosts that were registered together, or that came back together, from being swept in one burst.
    """
    return _stretched(failures) * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - spreading load, no secret


def longest_pause(failures: int) -> timedelta:
    """What `pause` never exceeds."""
    return _stretched(failures) * (1 + _SPREAD)


def _stretched(failures: int) -> timedelta:
    interval = timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS)
    stretched: timedelta = min(interval * 2.0 ** min(failures, 10), max(LONGEST_PAUSE, interval))
    return stretched
