"""Who sweeps which host: decided in the database, so that a lost or doubled message costs nothing.

A message says only that there is work. Whoever takes it claims the hosts that have waited longest, at the moment at
which it begins with them: no claim ever waits in a queue, and hosts that nobody has time for stay due, in order.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from fleet.models import Host
from fleet.models.host import HostQuerySet, stale_after

#: Hosts in one task; each has a thread of its own inside it. Many, so that what is worked out once for a shard is
#: worked out seldom; so few that a process is free again within seconds.
SHARD_SIZE = 100
#: Fewer are not worth a task of their own.
_SHARD_AT_LEAST = 25
#: Calls for workers in one tick: more than any would answer before the next.
_CALLS_AT_MOST = 64
#: A host that keeps failing is asked no less often than this.
LONGEST_PAUSE = timedelta(minutes=15)
#: Hosts that failed this often in a row go to a queue of their own, so that they delay nobody.
SLOW_AFTER = 2
_SPREAD = 0.1
#: Shares of an interval: a host is left in peace for at least so long; and hosts that waited longer than that for a
#: worker waited together, for something that is over now. A fleet that has too few workers is later than it should be
#: all the time, and would only be asked for still more if its hosts were due early for that.
_BREATH, _LATE = 0.5, 2.0
#: Evidence that is older than this share of what makes it stale is renewed ahead of hosts that are new.
_AGING = 0.4
_NEW = Q(answered_at=None, failures=0)
_CLAIMED = ("id", "failures", "next_sweep_at")
#: A worker has a host to itself for this long, and prolongs that as long as it works on it. So the hosts of a worker
#: that was killed are swept again soon, and a sweep that takes longer than an interval does not lose its claim.
LEASE = timedelta(seconds=10)
#: Leases are prolonged this often; twice may be missed.
RENEW_SECONDS = 2.5
#: A lease that was written so little ago is as good as a new one: two renewals may be missed all the same.
FRESH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Shard:
    """Hosts that one task sweeps under one claim. `slow` ones have failed of late, `late` ones waited for a worker."""

    claim: str
    hosts: tuple[int, ...]
    slow: bool
    late: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """That many hosts are due; whoever has time may claim them."""

    hosts: int
    slow: bool


def calls(now: datetime) -> list[Call]:
    """For whom there is work: shards of all hosts that are due, in one query.

    Two at least where that is worth it, because two processes are the smallest installation. A process that has room
    for a part of one takes others after it, as long as its turn lasts.
    """
    slow = Q(failures__gte=SLOW_AFTER)
    counted = _due(now).order_by().aggregate(good=Count("pk", filter=~slow), slow=Count("pk", filter=slow))
    wanted: list[Call] = []
    for name in ("good", "slow"):
        size = min(SHARD_SIZE, max(_SHARD_AT_LEAST, math.ceil(counted[name] / 2)))
        wanted += [Call(size, name == "slow")] * min(_CALLS_AT_MOST, math.ceil(counted[name] / size))
    return wanted


def claim_due(now: datetime, *, most: int = SHARD_SIZE, slow: bool | None = None) -> list[Shard]:
    """Claims hosts whose time has come, at most so many, those that have waited longest; only slow ones or only others
    unless `slow` is None. Two workers never get the same host.

    A half at most are hosts whose evidence would soon be stale, ahead of those that have waited longer: many hosts that
    are new at once take minutes, and meanwhile the others would all seem to have fallen silent.

    1. The rows are locked (skipping those another worker holds, where the database can).
    2. Claim and lease are written together; a sweep whose claim is no longer on the host throws its result away.
    3. A time further ahead than this module ever writes one is the work of a clock that was ahead: it counts as come.
    """
    if most < 1:
        return []
    with transaction.atomic():
        due = _due(now)
        if slow is not None:
            due = due.filter(failures__gte=SLOW_AFTER) if slow else due.filter(failures__lt=SLOW_AFTER)
        aging = Q(failures=0, answered_at__lt=now - stale_after() * _AGING)
        first = list(_locked(due.filter(aging)).only(*_CLAIMED)[: most // 2]) if due.filter(_NEW).exists() else []
        others = due.exclude(pk__in=[host.pk for host in first])
        return _claim([*first, *_locked(others).only(*_CLAIMED)[: most - len(first)]], now, most)


def claim_hosts(ids: Iterable[int], now: datetime, *, shard_size: int = SHARD_SIZE) -> list[Shard]:
    """Claims these hosts at once, due or not: somebody pressed "Sweep now". A sweep under way loses its claim."""
    with transaction.atomic():
        # In the order in which everybody locks several: two that cross would end each other.
        chosen = Host.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(no_key=True)
        return _claim(list(chosen.only("id", "failures", "next_sweep_at")), now, shard_size, by_hand=True)


def begin(shard: Shard, now: datetime) -> list[Host]:
    """The hosts that still carry the shard's claim, theirs for a lease from now on, give or take `FRESH`.

    The `next_sweep_at` of each is when it is due after this sweep; the row's own is the end of the lease. What was
    claimed a moment ago is read and not written; a shard that waited for others of its task has used up its lease.
    """
    mine = Host.objects.filter(pk__in=shard.hosts, claim=shard.claim).order_by("pk")
    hosts = list(mine.defer("facts", "swarm", "standing", "own_standing"))
    if any(host.next_sweep_at < now + LEASE - FRESH for host in hosts):
        renew([shard.claim], [host.pk for host in hosts], now)
    for host in hosts:
        host.next_sweep_at = now + pause(host.failures, anew=shard.late)
    return hosts


def renew(claims: Collection[str], hosts: Collection[int], now: datetime) -> None:
    """These hosts are still being worked on: they stay with their claims, which are these, for another lease."""
    with transaction.atomic():
        # Whoever holds one of them is about to store or to take it; to wait for that would be to wait for oneself.
        mine = _locked(Host.objects.filter(pk__in=list(hosts), claim__in=list(claims)).order_by("pk"))
        Host.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(next_sweep_at=now + LEASE)


def give_back(claim: str, hosts: Collection[int], now: datetime) -> None:
    """Nobody works on these hosts any more: whoever has time may claim them."""
    Host.objects.filter(pk__in=list(hosts), claim=claim).update(claim="", next_sweep_at=now)


def rest(host_id: int, *, due: datetime, now: datetime) -> None:
    """The sweep is over: the host is asked again when it was `due`, but not at once when the sweep outlasted that."""
    Host.objects.filter(pk=host_id).update(next_sweep_at=next_after(due, now))


def next_after(due: datetime, now: datetime) -> datetime:
    """When a host is asked again whose sweep is over and that was `due` then."""
    return max(due, now + timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS) * _BREATH)


def _due(now: datetime) -> HostQuerySet:
    return Host.objects.due(
        now, latest=now + _ever(LONGEST_PAUSE), latest_of_good=now + max(2 * LEASE, _ever(timedelta(0)))
    )


def _locked(hosts: HostQuerySet) -> HostQuerySet:
    if connection.features.has_select_for_update_skip_locked:
        return hosts.select_for_update(skip_locked=True, no_key=True)
    return hosts.select_for_update(no_key=True)


def _claim(hosts: Sequence[Host], now: datetime, size: int, *, by_hand: bool = False) -> list[Shard]:
    shards: list[Shard] = []
    late_since = now - timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS) * _LATE
    for slow in (False, True):
        group = [host for host in hosts if (host.failures >= SLOW_AFTER) is slow]
        for start in range(0, len(group), size):
            part = group[start : start + size]
            keys, claim = tuple(host.pk for host in part), secrets.token_hex(8)
            Host.objects.filter(pk__in=keys).update(claim=claim, next_sweep_at=now + LEASE)
            late = not by_hand and part[0].next_sweep_at < late_since
            shards.append(Shard(claim, keys, slow, late))
    return shards


def _ever(longest: timedelta) -> timedelta:
    """Twice what `pause` may come to when it is at most `longest`, or an interval that is longer than that."""
    return 2 * max(longest, timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS))


def pause(failures: int, *, anew: bool = False) -> timedelta:
    """The interval, doubled with every failure in a row up to a quarter of an hour, give or take a tenth.

    The spread keeps hosts that were registered together from being swept in one burst. Those that were late together
    are spread `anew` over half an interval, each coming early once: an outage took them their own turns, and they
    would else all come together from then on.
    """
    least = _BREATH if anew and failures < SLOW_AFTER else 1 - _SPREAD
    return _stretched(failures) * random.uniform(least, 1 + _SPREAD)  # noqa: S311 - spreading load, no secret


def longest_pause(failures: int) -> timedelta:
    """What `pause` never exceeds."""
    return _stretched(failures) * (1 + _SPREAD)


def _stretched(failures: int) -> timedelta:
    interval = timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS)
    stretched: timedelta = min(interval * 2.0 ** min(failures, 10), max(LONGEST_PAUSE, interval))
    return stretched
