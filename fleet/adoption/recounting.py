"""Counting a day of the past anew from the spells that hold on it, and adding containers that were told afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from msgspec.structs import replace

from fleet.adoption import definitions as d
from fleet.adoption.definitions import Number
from fleet.adoption.kept import numbers_of_day, plain_numbers, read_numbers
from fleet.adoption.measuring import service_numbers
from fleet.models import Day, ServiceSpell, TeamDay
from fleet.readiness.vocabulary import Stage, Verdict


@dataclass(frozen=True, slots=True)
class Added:
    """A container that ran on the day: its service's team and the stage of its host."""

    team: str
    stage: str
    _: KW_ONLY
    infrastructure: bool


def recount(day: date, added: Sequence[Added], *, services: bool, at_work_of: str | None, now: datetime) -> None:
    """Writes the day anew, where it was taken: its services from their spells when `services` changed, the `added`
    containers, and one more host at work of the team `at_work_of`.
    """
    row = Day.objects.filter(day=day).first()
    if row is None:
        return
    told = _by_team(day) if services else {}
    teams = {one.team: one for one in TeamDay.objects.filter(day=day)}
    everybody = _with(numbers_of_day(row), _summed(told.values()) if services else None, added, at_work_of is not None)
    for team in sorted({*told, *(one.team for one in added), *([] if at_work_of is None else [at_work_of])}):
        kept = teams.get(team) or TeamDay(day=day, team=team)
        mine = [one for one in added if one.team == team]
        numbers = _with(read_numbers(kept.numbers), told.get(team) if services else None, mine, at_work_of == team)
        running = kept.running + sum(not one.infrastructure for one in mine)
        values: dict[str, Any] = {"numbers": plain_numbers(numbers), "running": running, "use": kept.use}
        TeamDay.objects.update_or_create(day=day, team=team, defaults=values)
    values = {"numbers": plain_numbers(everybody), "corrected_at": now, "containers": row.containers + len(added)}
    if services:
        values |= _columns(_summed(told.values()))
    Day.objects.filter(pk=row.pk).update(**values)


Told = Counter[tuple[str, str]]  # services by stage and verdict


def _by_team(day: date) -> dict[str, Told]:
    found: dict[str, Told] = {}
    rows = ServiceSpell.objects.on(day).order_by().values_list("team", "stage", "verdict").annotate(n=Count("pk"))
    for team, stage, verdict, number in rows:
        found.setdefault(team, Counter())[stage, verdict] += number
    return found


def _summed(teams: Any) -> Told:
    found: Told = Counter()
    for one in teams:
        found.update(one)
    return found


def _stages(told: Told) -> dict[str, int]:
    return {one.value: sum(n for (stage, _), n in told.items() if stage == one.value) for one in Stage}


def _verdicts(told: Told) -> dict[str, int]:
    return {one.value: told[Stage.PRODUCTION.value, one.value] for one in Verdict}


def _columns(told: Told) -> dict[str, int]:
    stages = _stages(told)
    return {
        "services": sum(stages.values()),
        **{f"stage_{stage}": number for stage, number in stages.items()},
        **{verdict.replace("-", "_"): number for verdict, number in _verdicts(told).items()},
    }


def _with(numbers: Mapping[str, Number], told: Told | None, added: Sequence[Added], host: bool) -> dict[str, Number]:  # noqa: FBT001
    found = dict(numbers)
    if told is not None:
        found |= service_numbers(_stages(told), _verdicts(told))
        _follow(found)
    running = sum(not one.infrastructure for one in added)
    here = sum(not one.infrastructure and one.stage == Stage.PRODUCTION.value for one in added)
    _more(found, d.CONTAINERS_IN_PRODUCTION, here, running)
    _more(found, d.INFRASTRUCTURE, len(added) - running, len(added))
    _more(found, d.HOSTS_IN_PRODUCTION, int(host), 0)
    return {key: found[key] for key in d.DEFINITIONS if key in found}


def _follow(found: dict[str, Number]) -> None:
    """What else is a share of the services in production: whether those that came hold data is not known."""
    production = found[d.SERVICES_IN_PRODUCTION].part or 0
    stateful, unknown = found.get(d.STATEFUL), found.get(d.STATE_UNKNOWN)
    if stateful and unknown:
        came = production - (unknown.whole or 0)
        found[d.STATEFUL] = replace(stateful, whole=production)
        found[d.STATE_UNKNOWN] = replace(unknown, part=max(0, (unknown.part or 0) + came), whole=production)


def _more(found: dict[str, Number], key: str, part: int, whole: int) -> None:
    kept = found.get(key)
    if kept is not None and (part or whole):
        found[key] = replace(kept, part=(kept.part or 0) + part, whole=(kept.whole or 0) + whole)
