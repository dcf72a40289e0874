"""Every figure by its key, of the organisation and of each team, from what was counted: where definitions meet rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from django.db.models import Count, Sum

from fleet.adoption import definitions as d
from fleet.adoption.definitions import Number
from fleet.adoption.figures import Figures
from fleet.adoption.usage import EASIER, HARDER, PUBLISHED, WINDOW_DAYS, Month, Use, use_of
from fleet.adoption.workload import Workload, count_workload
from fleet.models import Service, TeamDay
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.state import StateKind

#: A service that was in production within this of its first sight was there before anybody looked.
FIRST_LOOK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Team:
    """`use` is empty for the services that no team has. `running` are its containers of this moment."""

    use: str
    running: int
    numbers: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is not in `Figures`, and is counted less often. `numbers` are those of the whole organisation."""

    numbers: Mapping[str, Number]
    teams: Mapping[str, Team]
    references: list[str]  # images of infrastructure


def measure(now: datetime) -> Measured:
    """Reads the fleet: pages ask `fleet.counting` instead, which keeps what this found."""
    counted = count_workload(now)
    months = _months(now, counted.teams, counted.remembered)
    uses = {team: [use_of(month, one) for one in (PUBLISHED, EASIER, HARDER)] for team, month in months.items()}
    production = _production(now)
    known = sorted({*counted.teams, *counted.remembered, *production})
    everybody = _merged(production.values())
    return Measured(
        numbers={
            **_of_workload(counted.everybody),
            **everybody.numbers(),
            **_of_uses(uses.values()),
        },
        teams={
            team: Team(
                use=uses[team][0].value if team in uses else "",
                running=counted.teams[team].running if team in counted.teams else 0,
                numbers={
                    **_of_workload(counted.teams.get(team, Workload())),
                    **production.get(team, Production()).numbers(),
                },
            )
            for team in known
        },
        references=counted.references,
    )


def numbers_of(current: Figures, measured: Measured) -> dict[str, Number]:
    """All figures of the organisation."""
    services = service_numbers(current.by_stage, current.verdicts)
    answering = Number(part=current.hosts_answering, whole=current.hosts)
    return _in_order({**services, **measured.numbers, d.HOSTS_ANSWERING: answering})


def numbers_of_teams(current: Figures, measured: Measured) -> dict[str, dict[str, Number]]:
    """All figures that a team has, by team; the empty one is that of what no team has."""
    found = {}
    for team in sorted({*current.by_team, *measured.teams}):
        services = service_numbers(current.by_team.get(team, {}), current.verdicts_by_team.get(team, {}))
        rest = measured.teams[team].numbers if team in measured.teams else {}
        found[team] = _in_order({**services, **rest})
    return found


def service_numbers(by_stage: Mapping[str, int], verdicts: Mapping[str, int]) -> dict[str, Number]:
    """From services by stage and those in production by verdict."""
    services, production = sum(by_stage.values()), by_stage.get(Stage.PRODUCTION.value, 0)
    return {
        d.SERVICES_IN_PRODUCTION: Number(part=production, whole=services),
        **{d.stage_key(stage): Number(part=by_stage.get(stage.value, 0), whole=services) for stage in Stage},
        **{d.verdict_key(one): Number(part=verdicts.get(one.value, 0), whole=production) for one in Verdict},
    }


def _in_order(numbers: Mapping[str, Number]) -> dict[str, Number]:
    return {key: numbers[key] for key in d.DEFINITIONS if key in numbers}


def _of_workload(found: Workload) -> dict[str, Number]:
    return {
        d.HOSTS_IN_PRODUCTION: Number(part=found.hosts_at_work, whole=found.hosts),
        d.CONTAINERS_IN_PRODUCTION: Number(part=found.running_in_production, whole=found.running),
        d.INFRASTRUCTURE: Number(part=found.infrastructure, whole=found.running + found.infrastructure),
    }


def _of_uses(uses: Iterable[list[Use]]) -> dict[str, Number]:
    """The band is what the same teams would be under the thresholds that the method's authors tried."""
    told = list(uses)
    published, easier, harder = (Counter(one[place] for one in told) for place in range(3))
    found = {}
    for use in Use:
        low, high = sorted((easier[use], harder[use]))
        found[d.use_key(use)] = Number(part=published[use], whole=len(told), low=low, high=high)
    return found


def _months(now: datetime, teams: Mapping[str, Workload], remembered: frozenset[str]) -> dict[str, Month]:
    """Of every team that has a name."""
    first = now.date() - timedelta(days=WINDOW_DAYS - 1)
    earlier = TeamDay.objects.filter(day__gte=first, day__lt=now.date()).order_by().values_list("team")
    days = {team: (total, number) for team, total, number in earlier.annotate(t=Sum("running"), n=Count("pk"))}
    before = remembered | set(_used_before(first))
    return {
        team: _month(teams.get(team, Workload()), *days.get(team, (0, 0)), before=team in before)
        for team in sorted({*teams, *remembered})
        if team
    }


def _used_before(first: Any) -> list[str]:
    return list(
        TeamDay.objects.filter(day__lt=first, running__gt=0).order_by().values_list("team", flat=True).distinct()
    )


def _month(found: Workload, earlier: int, days: int, *, before: bool) -> Month:
    return Month(
        hosts=found.hosts_of_month,
        different=found.different,
        average=Fraction(earlier + found.running, days + 1),
        before=before,
    )


@dataclass(slots=True)
class Production:
    """Services in production of one team, or of everybody."""

    services: int = 0
    stateful: int = 0
    not_told: int = 0
    leads: tuple[float, ...] = ()  # days

    def numbers(self) -> dict[str, Number]:
        lead = round(median(self.leads), 1) if self.leads else None
        return {
            d.STATEFUL: Number(part=self.stateful, whole=self.services),
            d.STATE_UNKNOWN: Number(part=self.not_told, whole=self.services),
            d.LEAD_TIME: Number(value=lead, whole=len(self.leads)),
        }


def _production(now: datetime) -> dict[str, Production]:
    """By team."""
    found: dict[str, Production] = defaultdict(Production)
    leads: dict[str, list[float]] = defaultdict(list)
    rows = Service.objects.in_catalogue().filter(stage=Stage.PRODUCTION.value).with_staleness(now).order_by()
    columns = ("team", "state_kind", "rests_on_stale", "first_seen", "production_since")
    for team, kind, stale, first_seen, since in rows.values_list(*columns):
        one, unknown = found[team], stale or kind == StateKind.UNKNOWN
        one.services += 1
        one.stateful += not unknown and kind != StateKind.STATELESS
        one.not_told += unknown
        if since is not None and since - first_seen > FIRST_LOOK:
            leads[team].append((since - first_seen) / timedelta(days=1))
    for team, told_leads in leads.items():
        found[team].leads = tuple(told_leads)
    return dict(found)


def _merged(teams: Iterable[Production]) -> Production:
    every = list(teams)
    return Production(
        services=sum(one.services for one in every),
        stateful=sum(one.stateful for one in every),
        not_told=sum(one.not_told for one in every),
        leads=tuple(lead for one in every for lead in one.leads),
    )
