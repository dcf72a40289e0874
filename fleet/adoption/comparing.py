"""Two days beside each other: how each figure went, and which services came, went, moved and flipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """A service that both moved and flipped stands in both lists. `counts` are how many there are of each, by the
    lists' names. `complete` is false when more than MOST changed, and then all of it is of the first of them by name.
    """

    counts: Mapping[str, int]

    came: Sequence[Difference]
    went: Sequence[Difference]
    moved: Sequence[Difference]
    flipped: Sequence[Difference]
    handed_over: Sequence[Difference]  # to another team
    complete: bool


def compare(before: date, after: date, *, team: str | None = None, most: int | None = None) -> Comparison:
    """What differs between the ends of two days, in order of names, of each list the first `most`. Of one team: of the
    services that were its own on either of them. Two queries, of the spells of one day that do not reach the other.
    """
    first, last = sorted((before, after))
    held, holds = ServiceSpell.objects.ended(first, last), ServiceSpell.objects.begun(first, last)
    if team is not None:
        mine = ServiceSpell.objects.filter(team=team, since__lte=last).order_by().values("name")
        held, holds = held.filter(name__in=mine), holds.filter(name__in=mine)
    (was, was_all), (now, now_all) = _told(held), _told(holds)
    names = sorted({*was, *now})
    complete = was_all and now_all
    if not complete:  # behind the last name of a list that was cut nobody knows what is missing
        cut = min(max(told) for told, whole in ((was, was_all), (now, now_all)) if not whole)
        names = [name for name in names if name <= cut]
    if before > after:
        was, now = now, was
    rows = [(name, was.get(name), now.get(name)) for name in names]
    if team is not None:
        rows = [row for row in rows if team in {side[_TEAM] for side in row[1:] if side}]
    both = [(name, a, b) for name, a, b in rows if a and b]
    lists: dict[str, list[_Row]] = {
        "came": [row for row in rows if row[1] is None],
        "went": [row for row in rows if row[2] is None],
        "moved": [row for row in both if row[1][_STAGE] != row[2][_STAGE]],
        "flipped": [row for row in both if row[1][_VERDICT] != row[2][_VERDICT]],
        "handed_over": [row for row in both if row[1][_TEAM] != row[2][_TEAM]],
    }
    return Comparison(
        counts={name: len(found) for name, found in lists.items()},
        **{name: _differences(found[:most]) for name, found in lists.items()},
        complete=complete,
    )


_Side = tuple[str, str, str, str, str, str | None]
_Row = tuple[str, _Side | None, _Side | None]
_COLUMNS: Final = ("name", "team", "stage", "verdict", "told", "service__slug")
_TEAM, _STAGE, _VERDICT = 1, 2, 3


def _told(rows: SpellQuerySet) -> tuple[dict[str, _Side], bool]:
    """By name; and whether these are all."""
    found = list(rows.order_by("name").values_list(*_COLUMNS)[: MOST + 1])
    return {row[0]: row for row in found[:MOST]}, len(found) <= MOST


def _differences(rows: Iterable[_Row]) -> list[Difference]:
    return [
        Difference(
            name=name, slug=(after or before or ("",))[-1] or "", before=_standing(before), after=_standing(after)
        )
        for name, before, after in rows
    ]


def _standing(side: _Side | None) -> Standing | None:
    if side is None:
        return None
    name, team, stage, verdict, told, _ = side
    return Standing(name=name, team=team, stage=stage, verdict=verdict, told=told)
