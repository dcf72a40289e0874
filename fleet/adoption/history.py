"""The figures of any day, and how they went: what trends, comparisons and forecasts are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from fleet.adoption.definitions import DEFINITIONS, OF_TEAMS, Number
from fleet.adoption.kept import DAY_COLUMNS, numbers_from, numbers_of_day, read_numbers
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


def series_of(keys: list[str], days: int, *, until: date, team: str | None = None) -> dict[str, list[Point]]:
    """Several at once, which is as quick as one: one query, of a row a day; two for a team."""
    for key in keys:
        if key not in (DEFINITIONS if team is None else OF_TEAMS):
            raise KeyError(key)
    first = until - timedelta(days=days - 1)
    columns = ("day", "carried", *DAY_COLUMNS)
    rows = {row["day"]: row for row in Day.objects.filter(day__range=(first, until)).values(*columns)}
    told: Mapping[date, Mapping[str, Number]]
    if team is None:
        told = {day: numbers_from(row) for day, row in rows.items()}
    else:
        mine = TeamDay.objects.filter(day__range=(first, until), team=team).values_list("day", "numbers")
        told = {day: read_numbers(numbers) for day, numbers in mine}
    every = [first + timedelta(days=number) for number in range(days)]
    silent = {day: max(0, row["hosts"] - row["hosts_answering"]) for day, row in rows.items()}
    carried = {day: row["carried"] for day, row in rows.items()}
    none: Mapping[str, Number] = {}
    # No Number of a day that has no row, even where a team's row was left.
    return {
        key: [
            Point(day=day, number=told.get(day, none).get(key), silent=silent[day], carried=carried[day])
            if day in rows
            else Point(day=day, number=None)
            for day in every
        ]
        for key in keys
    }
