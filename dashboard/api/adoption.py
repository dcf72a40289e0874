"""Adoption: the figures of the overview and the adoption page, of any day, for other people's dashboards."""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from dashboard.adoption_choice import Choice
from dashboard.adoption_shown import with_today
from dashboard.adoption_told import nearest, teams_told, told
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import NO_TEAM
from fleet.adoption import DEFINITIONS, Number, Point, series_of
from fleet.adoption.comparing import MOST, Difference, compare
from fleet.adoption.definitions import OF_TEAMS
from fleet.adoption.published import Benchmark, published
from fleet.adoption.turns import Standing

router = Router(tags=["adoption"])


class EnvironmentCounts(Out):
    name: str
    slug: str
    stage: str
    hosts: int
    services: int
    containers: int


class FigureOut(Out):
    """A figure that is no share has a `value`, and `whole` is what that rests on. Null is unknown, and never zero."""

    key: str
    label: str
    definition: str
    unit: str = Field(description="services, hosts, containers, teams, or days for a median.")
    part: int | None
    whole: int | None
    percent: int | None = Field(description="Rounded down, and never 0 of something.")
    value: float | None
    low: int | None = Field(description="`part` under the narrowest of the thresholds that were tried.")
    high: int | None


class AdoptionOut(Out):
    at: datetime.datetime = Field(description="When this was counted.")
    services: int = Field(description="All services of the catalogue; the stages add up to it.")
    by_stage: dict[str, int]
    by_team: dict[str, dict[str, int]] = Field(description="Stage counts by team; the empty name is no team.")
    by_environment: list[EnvironmentCounts]
    verdicts: dict[str, int] = Field(description="Of the services in production; they add up to `by_stage.production`.")
    pillars: dict[str, dict[str, int]] = Field(description="Verdicts of the services in production, by pillar.")
    adoption_percent: int | None
    ready_percent: int | None
    load_line: int = Field(description="Percent of production services that must be ready.")
    above_the_line: bool
    hosts: int
    hosts_answering: int
    containers: int
    containers_running: int
    figures: list[FigureOut] = Field(description="Each with its definition, as on the adoption page.")


@router.get("", response=AdoptionOut, summary="How far services have come")
def get_adoption(request: HttpRequest) -> AdoptionOut:
    counts = counts_of(request).ask("adoption")
    now = counts.figures_by_line
    return AdoptionOut(
        at=now.at.replace(microsecond=0),
        services=now.services,
        by_stage=now.by_stage,
        by_team=now.by_team,
        by_environment=[EnvironmentCounts.model_validate(row) for row in counts.environments],
        verdicts=now.verdicts,
        pillars=now.pillars,
        adoption_percent=now.adoption_percent,
        ready_percent=now.ready_percent,
        load_line=now.load_line,
        above_the_line=now.above_the_line,
        hosts=now.hosts,
        hosts_answering=now.hosts_answering,
        containers=now.containers,
        containers_running=now.containers_running,
        figures=[_figure(key, number) for key, number in counts.numbers.items()],
    )


def _figure(key: str, number: Number) -> FigureOut:
    definition = DEFINITIONS[key]
    return FigureOut(
        key=key,
        label=definition.label,
        definition=definition.sentence,
        unit=definition.unit,
        part=number.part,
        whole=number.whole,
        percent=number.share,
        value=number.value,
        low=number.low,
        high=number.high,
    )


class Asked(Schema):
    """The parameters of the adoption page."""

    date: datetime.date | None = Field(None, description="Of that day, as it was last taken; without it, of now.")
    team: str | None = Field(None, description=f"Of that team; {NO_TEAM} is what no team has.")

    def choice(self, counts: FleetCounts, days: int = 1) -> Choice:
        today = counts.now.date()
        team = None if not self.team else "" if self.team == NO_TEAM else self.team
        return Choice(day=self.date or today, today=today, days=days, team=team)


class TeamOut(Out):
    team: str
    use: Literal["adopter", "dabbler", "abandoner", "never", ""] = Field(
        description="By the method that docs/adoption.md describes; empty for what no team has."
    )
    figures: list[FigureOut]


class FiguresOut(Out):
    date: datetime.date
    team: str | None
    at: datetime.datetime | None = Field(description="When this was counted; null for a day of the past.")
    silent_hosts: int = Field(description="Hosts that did not answer; what they last told is carried.")
    carried_services: int = Field(description="Services that rest on what such a host last told.")
    corrected_at: datetime.datetime | None = Field(description="When hosts that answered again set this day right.")
    figures: list[FigureOut]
    teams: list[TeamOut] = Field(description="Every team; empty when one was asked for.")


@router.get("/figures", response={200: FiguresOut, 404: Refusal}, summary="Every figure of a day")
def get_figures(request: HttpRequest, asked: Query[Asked]) -> FiguresOut:
    counts = counts_of(request).ask("adoption")
    choice = asked.choice(counts)
    found = told(counts, choice)
    if found is None:
        raise _no_day(choice)
    teams = teams_told(counts, choice) if choice.team is None else []
    return FiguresOut(
        date=found.day,
        team=choice.team,
        at=found.at.replace(microsecond=0) if found.at else None,
        silent_hosts=found.silent,
        carried_services=found.carried,
        corrected_at=found.corrected,
        figures=[_figure(key, number) for key, number in found.numbers.items()],
        teams=[
            TeamOut.model_validate(
                {
                    "team": one.team,
                    "use": one.use,
                    "figures": [_figure(key, number) for key, number in one.numbers.items()],
                }
            )
            for one in teams
        ],
    )


def _no_day(choice: Choice) -> ApiError:
    days = " and ".join(day.isoformat() for day in nearest(choice.day))
    instead = f" The nearest days that have are {days}." if days else ""
    return ApiError(404, "not_found", f"No figures were taken on {choice.day}.{instead}", field="date")


class PointOut(Out):
    date: datetime.date
    part: int | None
    whole: int | None
    percent: int | None
    value: float | None
    silent_hosts: int
    carried_services: int


class SeriesAsked(Asked):
    days: int = Field(90, ge=1, le=3660, description="Days up to the date.")
    figure: list[str] = Field(
        default_factory=list, description="Keys of figures; without any, all of them.", examples=[["lead-time"]]
    )


@router.get("/history", response={200: dict[str, list[PointOut]], 404: Refusal}, summary="Figures, a value a day")
def get_history(request: HttpRequest, asked: Query[SeriesAsked]) -> HttpResponse:
    """A day on which none was taken is left out, and is no zero."""
    counts = counts_of(request).ask("adoption")
    choice = asked.choice(counts, asked.days)
    known = list(DEFINITIONS if choice.team is None else OF_TEAMS)
    strange = [key for key in asked.figure if key not in known]
    if strange:
        raise ApiError(
            404, "not_found", f"There is no figure {strange[0]}; there are {', '.join(known)}.", field="figure"
        )
    series = series_of(asked.figure or known, choice.days, until=choice.day, team=choice.team)
    now = told(counts, choice) if choice.now else None
    return _written({key: _points(with_today(points, now, key) if now else points) for key, points in series.items()})


def _written(body: Any) -> HttpResponse:
    """JSON as it stands: to look at each of thousands of values again would take most of the time of the answer."""
    return HttpResponse(msgspec.json.encode(body), content_type="application/json; charset=utf-8")


def _points(points: list[Point]) -> list[dict[str, Any]]:
    """Of the shape of PointOut."""
    return [
        {
            "date": one.day,
            "part": one.number.part,
            "whole": one.number.whole,
            "percent": one.number.share,
            "value": one.number.value,
            "silent_hosts": one.silent,
            "carried_services": one.carried,
        }
        for one in points
        if one.number is not None
    ]


class SideOut(Out):
    team: str
    stage: str
    verdict: str
    told: str = Field(description="seen; carried from a host that did not answer; or corrected afterwards.")


class DifferenceOut(Out):
    service: str
    before: SideOut | None
    after: SideOut | None


class ComparisonOut(Out):
    """A service that both moved and flipped stands in both lists."""

    since: datetime.date
    date: datetime.date
    came: list[DifferenceOut]
    went: list[DifferenceOut]
    moved: list[DifferenceOut]
    flipped: list[DifferenceOut]
    handed_over: list[DifferenceOut]
    complete: bool = Field(description=f"False when more than {MOST} services changed; these are the first of them.")


class ComparisonAsked(Asked):
    since: datetime.date | None = Field(None, description="The day to compare with; 30 days before, unless it is told.")


@router.get("/compare", response=ComparisonOut, summary="What changed between two days")
def get_comparison(request: HttpRequest, asked: Query[ComparisonAsked]) -> HttpResponse:
    """As of the ends of both days, as they were last recorded."""
    choice = asked.choice(counts_of(request))
    since = asked.since or choice.day - datetime.timedelta(days=30)
    found = compare(since, choice.day, team=choice.team)
    kinds = ("came", "went", "moved", "flipped", "handed_over")
    lists = {kind: [_difference(one) for one in getattr(found, kind)] for kind in kinds}
    return _written({"since": since, "date": choice.day, **lists, "complete": found.complete})


def _difference(one: Difference) -> dict[str, Any]:
    """Of the shape of DifferenceOut."""
    return {"service": one.name, "before": _side(one.before), "after": _side(one.after)}


def _side(side: Standing | None) -> dict[str, str] | None:
    if side is None:
        return None
    return {"team": side.team, "stage": side.stage, "verdict": side.verdict, "told": side.told}


class BenchmarkOut(Out):
    date: datetime.date
    who: str
    percent: float
    bound: str = Field(description="`more than`, `about`, or nothing.")
    of: str
    measures: str
    kind: str
    n: int | None
    sure: bool = Field(description="Whether the publisher's own text was read.")
    source: str


@router.get("/benchmarks", response=list[BenchmarkOut], summary="What others published since 2015")
def get_benchmarks(request: HttpRequest) -> list[Benchmark]:
    return sorted(published().entries, key=lambda one: one.date)
