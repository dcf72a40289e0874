"""The figures of any day, and how they went: what trends, comparisons and forecasts are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from fleet.adoption.definitions import DEFINITIONS, OF_TEAMS, Number
from fleet.adoption.kept import decode_number, decode_numbers, numbers_of_day, read_numbers
from fleet.models import Day, TeamDay


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresAt:
    """All figures as of one day (UTC), by key; of one team, where it was asked for.

    `silent` hosts did not answer when they were last taken on that day: what they last told is carried in them, and
    `carried` services rest on it. `corrected` says when that was set right, once they had answered again.
    """

    day: date
    team: str | None
    numbers: Mapping[str, Number]
    silent: int
    carried: int
    corrected: datetime | None


class Point(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One day of a series; `number` is None where none was taken, which is a gap and no zero."""

    day: date
    number: Number | None
    silent: int = 0
    carried: int = 0


def figures_at(day: date, *, team: str | None = None) -> FiguresAt | None:
    """The figures as they were last taken on that day, corrections included; None when none were. One or two queries.

    `team` is its name, "" for what has none, and None for the whole organisation.
    """
    kept = Day.objects.filter(day=day).first()
    if kept is None:
        return None
    if team is None:
        numbers = numbers_of_day(kept)
    else:
        row = TeamDay.objects.filter(day=day, team=team).first()
        numbers = read_numbers(row.numbers) if row else {}
    return FiguresAt(
        day=day,
        team=team,
        numbers=numbers,
        silent=max(0, kept.hosts - kept.hosts_answering),
        carried=kept.carried,
        corrected=kept.corrected_at,
    )


def series(key: str, days: int, *, until: date, team: str | None = None) -> list[Point]:
    """One point for each of the `days` up to `until`, oldest first. Raises KeyError for a figure that there is not."""
    return series_of([key], days, until=until, team=team)[key]


def series_of(
    keys: Sequence[str], days: int, *, until: date, team: str | None = None, most: int | None = None
) -> dict[str, list[Point]]:
    """Several at once, which is as quick as one: one query, of a row a day; two for a team. With `most`, of at most so
    many days, evenly apart, the last one among them.
    """
    for key in keys:
        if key not in (DEFINITIONS if team is None else OF_TEAMS):
            raise KeyError(key)
    every = _spread(days, until, most)
    chosen = Q(day__in=every) if len(every) < days else Q(day__range=(every[0], every[-1]))
    columns = ("day", "carried", "hosts", "hosts_answering")
    rows = {row[0]: row[1:] for row in _with_numbers(Day.objects.filter(chosen), columns, keys, own=team is None)}
    told: Mapping[date, Mapping[str, Number]]
    if team is None:
        told = {day: row[-1] for day, row in rows.items()}
    else:
        mine = TeamDay.objects.filter(chosen, team=team)
        told = {row[0]: row[1] for row in _with_numbers(mine, ("day",), keys, own=True)}
    none: Mapping[str, Number] = {}
    # No Number of a day that has no row, even where a team's row was left.
    of_days = [
        (day, told.get(day, none) if row else none, row[0] if row else 0, max(0, row[1] - row[2]) if row else 0)
        for day in every
        for row in (rows.get(day),)
    ]
    return {
        key: [
            Point(day=day, number=numbers.get(key), carried=carried, silent=silent)
            for day, numbers, carried, silent in of_days
        ]
        for key in keys
    }


#: So few figures are read one by one; of more a day's whole row is.
_FEW: Final = 4


def _with_numbers(
    rows: QuerySet[Any], columns: Sequence[str], keys: Sequence[str], *, own: bool
) -> Iterator[tuple[Any, ...]]:
    """The columns of each row and behind them its numbers, if its `own` are asked for."""
    found: list[tuple[list[Any], Mapping[str, Number]]] = []
    if not own:
        found = [(list(row), {}) for row in rows.values_list(*columns)]
    elif len(keys) > _FEW:
        for *told, text in rows.values_list(*columns, Cast("numbers", TextField())):
            found.append((told, decode_numbers(text)))
    else:
        # As text, which is read once, and not as JSON that the database's library, the field and we look at in turn.
        one_by_one = (Cast(KeyTransform(key, "numbers"), TextField()) for key in keys)
        for row in rows.values_list(*columns, *one_by_one):
            told, texts = list(row[: len(columns)]), row[len(columns) :]
            pairs = zip(keys, texts, strict=True)
            found.append((told, {key: decode_number(text) for key, text in pairs if text and text != "null"}))
    old = _old([told[0] for told, numbers in found if not numbers]) if own and rows.model is Day else {}
    for told, numbers in found:
        yield *told, numbers or old.get(told[0], {})


def _old(days: Sequence[date]) -> Mapping[date, Mapping[str, Number]]:
    """Of days from before all figures were kept: an installation that was upgraded has a year of them."""
    return {row.day: numbers_of_day(row) for row in Day.objects.filter(day__in=days)} if days else {}


def _spread(days: int, until: date, most: int | None) -> list[date]:
    first = until - timedelta(days=days - 1)
    if most is None or days <= most:
        return [first + timedelta(days=number) for number in range(days)]
    return [first + timedelta(days=round(place * (days - 1) / (most - 1))) for place in range(most)]
