"""Two days beside each other: how each figure went, and which services came, went, moved and flipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fleet.adoption.turns import Standing
from fleet.models import ServiceSpell
from fleet.models.spell import SpellQuerySet

#: Services of which something changed between two days that are compared, at most.
MOST: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One service on both days; None where it was not in the catalogue. Names are as of the later day it is known of.

    `slug` is empty when the service is forgotten.
    """

    name: str
    slug: str
    before: Standing | None
    after: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A service that both moved and flipped stands in both lists. `complete` is false when more than MOST changed, and
    then the lists are of the first of them by name.
    """

    came: Sequence[Difference]
    went: Sequence[Difference]
    moved: Sequence[Difference]
    flipped: Sequence[Difference]
    handed_over: Sequence[Difference]  # to another team
    complete: bool


def compare(before: date, after: date, *, team: str | None = None) -> Comparison:
    """What differs between the ends of two days, in order of names. Of one team: of the services that were its own on
    either of them. Three queries, of spells that began or ended in between and of no others.
    """
    first, last = sorted((before, after))
    changed = ServiceSpell.objects.changed(first, last)
    if team is not None:
        mine = ServiceSpell.objects.filter(team=team, since__lte=last).values("name")
        changed = changed.filter(name__in=mine)
    names = list(changed.order_by("name").values_list("name", flat=True).distinct()[: MOST + 1])
    complete, chosen = len(names) <= MOST, names[:MOST]
    was, now = (_standings(ServiceSpell.objects.on(day), chosen, changed) for day in (before, after))
    rows = [
        _difference(name, was.get(name), now.get(name))
        for name in chosen
        if was.get(name, (None, ""))[0] != now.get(name, (None, ""))[0]
    ]
    if team is not None:
        rows = [one for one in rows if team in {side.team for side in (one.before, one.after) if side}]
    both = [(one, one.before, one.after) for one in rows if one.before and one.after]
    return Comparison(
        came=[one for one in rows if one.before is None],
        went=[one for one in rows if one.after is None],
        moved=[one for one, a, b in both if a.stage != b.stage],
        flipped=[one for one, a, b in both if a.verdict != b.verdict],
        handed_over=[one for one, a, b in both if a.team != b.team],
        complete=complete,
    )


_Known = Mapping[str, tuple[Standing, str]]
_FEW: Final = 500


def _standings(rows: SpellQuerySet, names: Sequence[str], changed: SpellQuerySet) -> _Known:
    """By name, with the slug that the service has now."""
    # Few are named; many are asked for by the question that found them.
    there = rows.filter(name__in=names if len(names) <= _FEW else changed.order_by().values("name"))
    columns = ("name", "service__slug", "team", "stage", "verdict", "told")
    return {
        name: (Standing(name=name, team=team, stage=stage, verdict=verdict, told=told), slug or "")
        for name, slug, team, stage, verdict, told in there.order_by("name", "since").values_list(*columns)
    }


def _difference(name: str, before: tuple[Standing, str] | None, after: tuple[Standing, str] | None) -> Difference:
    told = after or before
    return Difference(
        name=name,
        slug=told[1] if told else "",
        before=before[0] if before else None,
        after=after[0] if after else None,
    )
