"""What each sweep asks: little where little can have changed, and everything in turn."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import msgspec
from django.conf import settings
from django.db.models import Aggregate, TextField

from fleet.engines import Plan
from fleet.inventory import Looks
from fleet.inventory.plain import from_plain
from fleet.inventory.snapshot import THINGS
from fleet.models import Container, Host
from fleet.recording import endpoints_of, slow_and_due

#: Every container is inspected within this time, whatever lists and events say: `docker update` may show in neither.
ROTATION: Final = timedelta(hours=1)
#: Images, networks, volumes and plugins are asked for this often when nothing tells of a change.
THINGS_EVERY: Final = timedelta(minutes=5)
_TURN: Final = ROTATION.total_seconds()
_OF_THINGS: Final = endpoints_of(THINGS)


def plans_for(hosts: Sequence[Host], now: datetime) -> dict[int, Plan]:
    """By the host's key; one query for all of them."""
    keys = [host.pk for host in hosts]
    rows = Container.objects.present().filter(host__in=keys).order_by()
    known = dict(rows.values_list("host_id").annotate(known=_AsObject("engine_id", "remembered")))
    return {host.pk: _plan(host, _Known(known.get(host.pk, "{}")), now) for host in hosts}


class _AsObject(Aggregate):
    """What a host's containers are known by as one text: made by the database, and read where it is needed only."""

    function = "json_group_object"
    output_field = TextField()
    arity = 2

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "%(function)s(%(expressions)s)::text"
        return self.as_sql(compiler, connection, function="json_object_agg", template=template)


class _Known(Mapping[str, str]):
    """By the id of a container, what `remembered` made of it; read at first use, which most sweeps never come to."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _read(self) -> dict[str, str]:
        return msgspec.json.decode(self._text, type=dict[str, str])

    def __getitem__(self, key: str) -> str:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    # Asked for every event and container of a host, and in their own words three times as fast.
    def get(self, key: str, default: Any = None, /) -> Any:
        return self._read.get(key, default)

    def values(self) -> ValuesView[str]:
        return self._read.values()


def _plan(host: Host, known: Mapping[str, str], now: datetime) -> Plan:
    slow = slow_and_due(host, now)
    since, rotated = host.asked.get("events"), host.asked.get("rotated")
    # The list with sizes is one of a day, and so is the look at everything; somebody who asks gets it at once.
    everything = "sizes" in slow or _asked_for(host) or rotated is None
    things = everything or _things_due(host, now)
    # Whose hour is over is inspected together with the things, so that most sweeps have nothing to inspect.
    due = due_between(known, float(rotated or 0), now.timestamp()) if things and not everything else ()
    wake = host.time_is_up(now)
    return Plan(
        known={} if everything else known,
        due=frozenset(due),
        things=things,
        sizes="sizes" in slow,
        usage="usage" in slow,
        probe="probe" in slow,
        events_since=float(since) if since is not None else None,
        secret=settings.SECRET_KEY.encode(),
        rotated_until=now.timestamp() if things else float(rotated or 0),
        looks=None if things or slow or wake else _looks(host),
        images={} if everything else _images(host, float(rotated or 0), now.timestamp(), turns=things),
        restless=wake,
        attached=frozenset(host.attached),
    )


def _images(host: Host, since: float, until: float, *, turns: bool) -> dict[str, bool]:
    """Those that were inspected, and whose hour is over. With an image that could not be, all are asked for again."""
    if any(gap["endpoint"] == "/images/{id}/json" for gap in host.gaps):
        return {}
    due = set(due_between(host.images_inspected, since, until)) if turns else set()
    return {one: one in due for one in host.images_inspected}


def _looks(host: Host) -> Looks | None:
    """How the host is known again when nothing changed; None when something is open that only a closer look ends."""
    told = host.asked.get("looks")
    if not told or host.failures or host.noted_silent or any(gap["endpoint"] not in _OF_THINGS for gap in host.gaps):
        return None
    return from_plain(Looks, told)


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
