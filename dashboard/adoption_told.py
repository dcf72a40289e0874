"""The figures of one day as the page, the API and the download need them, from the counts or from the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.adoption_choice import Choice
from dashboard.counted import FleetCounts
from fleet.adoption import Number, figures_at
from fleet.adoption.kept import read_numbers
from fleet.models import Day, TeamDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`at` is the moment of counting, None for a day of the past, of which the last word stands. `silent` hosts did not
    answer, and `carried` services rest on what they last told.
    """

    day: date
    at: datetime | None
    numbers: Mapping[str, Number]
    silent: int
    carried: int
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamTold:
    """One team's figures; `use` is empty for what no team has."""

    team: str
    use: str
    numbers: Mapping[str, Number]


def told(counts: FleetCounts, choice: Choice) -> Told | None:
    """None when that day has no figures."""
    return told_now(counts, choice.team) if choice.now else told_then(choice.day, choice.team)


def told_now(counts: FleetCounts, team: str | None) -> Told:
    numbers = counts.numbers if team is None else counts.numbers_by_team.get(team, {})
    current = counts.figures
    silent = max(0, current.hosts - current.hosts_answering)
    return Told(day=counts.now.date(), at=counts.at, numbers=numbers, silent=silent, carried=current.carried)


def told_then(day: date, team: str | None) -> Told | None:
    found = figures_at(day, team=team)
    if found is None:
        return None
    return Told(
        day=day,
        at=None,
        numbers=found.numbers,
        silent=found.silent,
        carried=found.carried,
        corrected=found.corrected,
    )


def teams_told(counts: FleetCounts, choice: Choice) -> list[TeamTold]:
    """Every team, by name; what no team has comes last."""
    if choice.now:
        measured = counts.measured.teams
        rows = [
            TeamTold(team=team, use=measured[team].use if team in measured else "", numbers=numbers)
            for team, numbers in counts.numbers_by_team.items()
        ]
    else:
        kept = TeamDay.objects.filter(day=choice.day).values_list("team", "use", "numbers")
        rows = [TeamTold(team=team, use=use, numbers=read_numbers(numbers)) for team, use, numbers in kept]
    return sorted(rows, key=lambda one: (not one.team, one.team))


def nearest(day: date) -> list[date]:
    """The days before and after that have figures."""
    before = Day.objects.filter(day__lt=day).order_by("-day").values_list("day", flat=True)[:1]
    after = Day.objects.filter(day__gt=day).order_by("day").values_list("day", flat=True)[:1]
    return [*before, *after]
