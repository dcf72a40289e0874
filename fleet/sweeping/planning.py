"""What each sweep asks: little where little can have changed, and everything in turn."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from fleet.engines import Plan
from fleet.models import Container, Host
from fleet.recording import slow_and_due

#: Every container is inspected within this time, whatever lists and events say: `docker update` may show in neither.
ROTATION: Final = timedelta(hours=1)
#: Images, networks, volumes and plugins are asked for this often when nothing tells of a change.
THINGS_EVERY: Final = timedelta(minutes=5)
_TURN: Final = ROTATION.total_seconds()


def plans_for(hosts: Sequence[Host], now: datetime) -> dict[int, Plan]:
    """By the host's key; one query for all of them."""
    known: dict[int, dict[str, str]] = {host.pk: {} for host in hosts}
    rows = Container.objects.present().filter(host__in=known).order_by()
    for host, identity, remembered in rows.values_list("host_id", "engine_id", "remembered"):
        known[host][identity] = remembered
    return {host.pk: _plan(host, known[host.pk], now) for host in hosts}


def _plan(host: Host, known: dict[str, str], now: datetime) -> Plan:
    due = slow_and_due(host, now)
    since, rotated = host.asked.get("events"), host.asked.get("rotated")
    # The list with sizes is one of a day, and so is the look at everything; somebody who asks gets it at once.
    everything = "sizes" in due or _asked_for(host) or rotated is None
    return Plan(
        known={} if everything else known,
        due=frozenset() if everything else frozenset(due_between(known, float(rotated or 0), now.timestamp())),
        things=everything or _things_due(host, now),
        sizes="sizes" in due,
        usage="usage" in due,
        probe="probe" in due,
        events_since=float(since) if since is not None else None,
        secret=settings.SECRET_KEY.encode(),
        rotated_until=now.timestamp(),
    )


def _asked_for(host: Host) -> bool:
    """Whether somebody pressed "Sweep now" since the last try."""
    asked, tried = host.requested_at, host.attempted_at
    return asked is not None and (tried is None or tried < asked)


def due_between(ids: Iterable[str], since: float, until: float) -> list[str]:
    """Those whose turn came in that time, seconds since 1970: each has its own moment of the hour."""
    if not 0 <= until - since < _TURN:
        return list(ids)
    passed = until - since
    return [one for one in ids if (until - _moment(one)) % _TURN < passed]


def _moment(identity: str) -> float:
    """Spread over the hour by the id, not by when a host was started, which many containers share."""
    return zlib.crc32(identity.encode()) / 2**32 * _TURN


def _things_due(host: Host, now: datetime) -> bool:
    asked = host.asked.get("things")
    return asked is None or not timedelta(0) <= now - datetime.fromisoformat(asked) < THINGS_EVERY
