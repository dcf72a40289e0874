"""Keeping spells: for how long each service was in each stage, written only where something changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from fleet.adoption.turns import Open, Standing, Turns, turns
from fleet.models import Service, ServiceSpell
from fleet.models.spell import CARRIED, SEEN
from fleet.models.writing import insert_rows, update_rows
from fleet.readiness.vocabulary import Verdict

_TOLD = ("name", "team", "stage", "verdict", "told")


def keep_spells(now: datetime) -> int:
    """Makes the open spells say what services are now; how many rows were written. As long as a service rests on a host
    that does not answer, its stage is what that last told, carried, and its verdict unknown.
    """
    rows = Service.objects.in_catalogue().with_staleness(now).order_by()
    columns = ("pk", "name", "team", "stage", "verdict", "rests_on_stale")
    told: Iterable[tuple[Any, ...]] = rows.values_list(*columns)
    current = {
        pk: Standing(
            name=name,
            team=team,
            stage=stage,
            verdict=Verdict.UNKNOWN.value if stale else verdict,
            told=CARRIED if stale else SEEN,
        )
        for pk, name, team, stage, verdict, stale in told
    }
    with transaction.atomic():
        lasting = ServiceSpell.objects.open().order_by("pk").values_list("pk", "service", "since", *_TOLD)
        found = turns(current, [_open(row) for row in lasting], now.date())
        _write(found, now)
    return len(found.begin) + len(found.rewrite) + len(found.end) + len(found.drop)


def _open(row: tuple[object, ...]) -> Open:
    pk, service, since, *told = row
    return Open(pk, service, since, Standing(**dict(zip(_TOLD, told, strict=True))))  # type: ignore[arg-type]


def _write(found: Turns, now: datetime) -> None:
    day = now.date()
    update_rows(ServiceSpell, _TOLD, [(pk, *_values(standing)) for pk, standing in found.rewrite])
    update_rows(ServiceSpell, ("until",), [(pk, day) for pk in found.end])
    for start in range(0, len(found.drop), 500):
        ServiceSpell.objects.filter(pk__in=found.drop[start : start + 500]).delete()
    begun = [(service, *_values(standing), day, None) for service, standing in found.begin]
    insert_rows(ServiceSpell, ("service", *_TOLD, "since", "until"), begun)


def _values(standing: Standing) -> tuple[str, ...]:
    return tuple(getattr(standing, name) for name in _TOLD)
