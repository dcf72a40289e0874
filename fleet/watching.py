"""What Loadline knows of itself: how late its sweeps are, how long they take, and what they fail of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter

import msgspec
from django.db import connection
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce

from fleet.models import Host
from fleet.sweeping.claims import longest_pause

#: A sweep may take 45 s and is given up five later, and what came of it has then to be stored.
LATE_AFTER = timedelta(seconds=60)
_LATE = LATE_AFTER.total_seconds()


class LastSweep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the last sweep of one host went, and by how many seconds the next one is late."""

    host: int
    name: str
    lag: float
    seconds: float | None  # None before the first good one
    error_code: str
    rows_written: int | None
    answered_at: datetime | None

    @property
    def overdue(self) -> bool:
        return self.lag > _LATE


@dataclass(frozen=True)
class Sweeps:
    """The last sweep of every host that is swept; of ten thousand, nothing is looked up twice."""

    hosts: tuple[LastSweep, ...]

    @cached_property
    def lag(self) -> float:
        """Seconds by which the most overdue host is late."""
        return max((host.lag for host in self.hosts), default=0.0)

    def late_by(self, seconds: float) -> int:
        """How many hosts are late by more than that."""
        return sum(1 for host in self.hosts if host.lag > seconds)

    @cached_property
    def overdue(self) -> tuple[LastSweep, ...]:
        """Hosts whose sweep is so late that none can be under way in good order; the latest first."""
        return tuple(sorted([host for host in self.hosts if host.lag > _LATE], key=lambda host: (-host.lag, host.name)))

    @cached_property
    def slowest(self) -> tuple[LastSweep, ...]:
        """Hosts that ever answered, the slowest first."""
        timed = sorted([host for host in self.hosts if host.seconds is not None], key=attrgetter("name"))
        return tuple(sorted(timed, key=attrgetter("seconds"), reverse=True))  # what is equal stays by name

    def seconds(self, quantile: float) -> float | None:
        """What that share of the last sweeps did not exceed, by nearest rank; None before the first good one."""
        ordered = self._seconds
        return ordered[max(0, math.ceil(quantile * len(ordered)) - 1)] if ordered else None

    @cached_property
    def _seconds(self) -> list[float]:
        return sorted(host.seconds for host in self.hosts if host.seconds is not None)

    @cached_property
    def newest(self) -> LastSweep | None:
        """The host that answered last."""
        return max(self._answered, key=attrgetter("answered_at"), default=None)

    @cached_property
    def oldest(self) -> LastSweep | None:
        """The host whose evidence is oldest, of those that ever answered."""
        return min(self._answered, key=attrgetter("answered_at"), default=None)

    @cached_property
    def _answered(self) -> Sequence[LastSweep]:
        return [host for host in self.hosts if host.answered_at is not None]

    @cached_property
    def failures(self) -> dict[str, int]:
        """How many hosts failed last time, by kind; the most frequent first."""
        found = Counter(host.error_code for host in self.hosts if host.error_code)
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @property
    def rows_written(self) -> int:
        """By the last good sweep of each."""
        return sum(host.rows_written or 0 for host in self.hosts)


def last_sweeps(now: datetime) -> Sweeps:
    """One query of a few small columns, whatever the size of the fleet; of each moment that is read from ten thousand
    rows Python makes an object, so that of the three that a sweep may be due by only that one is.

    While a host is claimed, `next_sweep_at` is the end of a lease: ahead as long as somebody prolongs it, however long
    that takes. So then the last attempt is what counts.
    """
    due = Case(When(claim="", then=F("next_sweep_at")), default=Coalesce("attempted_at", "registered_at"))
    columns = ("pk", "name", "sweep_seconds", "error_code", "rows_written", "answered_at", "due", "claim", "failures")
    rows = Host.objects.filter(enabled=True).annotate(due=due).order_by("name").values_list(*columns)
    return Sweeps(
        tuple(
            LastSweep(
                host=pk,
                name=name,
                lag=max(0.0, (now - (at + longest_pause(failures) if claim else at)).total_seconds()),
                seconds=seconds,
                error_code=code,
                rows_written=written,
                answered_at=answered,
            )
            for pk, name, seconds, code, written, answered, at, claim, failures in rows
        )
    )


@dataclass(frozen=True, slots=True)
class Store:
    """What remembers it all: the database's kind and its bytes."""

    kind: str
    size: int


def store() -> Store:
    """Asks the database itself, in one query."""
    sizes = {
        "sqlite": ("SQLite", "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
        "postgresql": ("PostgreSQL", "SELECT pg_database_size(current_database())"),
    }
    kind, query = sizes[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return Store(kind, int(cursor.fetchone()[0]))
