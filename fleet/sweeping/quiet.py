"""Hosts on which nothing changed, stored many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fleet.assessment import Outside
from fleet.inventory import NothingNew
from fleet.models import Host
from fleet.models.writing import update_rows
from fleet.recording import answered
from fleet.sweeping.claims import next_after

_FIELDS: Final = (
    "attempted_at", "answered_at", "claim", "sweep_seconds", "asked", "next_sweep_at", "rows_written",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """By the host's key, how many containers each host has that is done with; and those that have to be judged.

    A host in neither was claimed anew, changed or removed meanwhile.
    """

    containers: Mapping[int, int]
    to_judge: frozenset[int]


def store_quiet(
    found: Mapping[int, tuple[NothingNew, datetime]], *, claim: str, now: datetime, outside: Outside
) -> Stored:
    """`found` holds by the host's key what its sweep came to, and when the host was due again. `outside` is what was
    read for all of them.

    One statement writes all hosts whose judgement rests on what it rested on; the others are left as they are.
    """
    with transaction.atomic():
        rows = Host.objects.to_store().filter(pk__in=found, claim=claim)
        mine = list(rows.defer("facts", "swarm", "standing", "own_standing"))
        resting = [host for host in mine if outside.leaves_alone(host, now)]
        update_rows(Host, _FIELDS, [_row(host, *found[host.pk], now=now) for host in resting])
    stored = {host.pk: host.containers_total for host in resting}
    return Stored(stored, frozenset(host.pk for host in mine) - stored.keys())


def _row(host: Host, seen: NothingNew, due: datetime, *, now: datetime) -> tuple[Any, ...]:
    told = {**answered(host, seen, now), "next_sweep_at": next_after(due, now), "rows_written": 0}
    return (host.pk, *(told[name] for name in _FIELDS))
