"""Adoption: how far the organisation has come, by stage, by environment and by team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.charts.bar import Segment
from dashboard.counted import counts_of
from dashboard.lists import NO_TEAM, address
from dashboard.pages.overview import stage_segments
from dashboard.words import STAGES, counted, thin
from fleet.adoption import Figures
from fleet.models import Day
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """`name` is empty for services that no label and no host gives a team."""

    name: str
    url: str
    production_url: str
    production: int
    services: int
    segments: list[Segment]
    share: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with the sentence that defines it and the list behind it."""

    label: str
    value: str
    definition: str
    url: str


def adoption(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request)
    now, current = counts.now, counts.figures
    context = {
        "figures": current,
        "headline": "–" if current.adoption_percent is None else f"{current.adoption_percent}%",
        "numbers": _numbers(current),
        "stage_segments": stage_segments(current.by_stage),
        "by_environment": counts.environments,
        "teams": _teams(current),
        "trend": _trend(now),
        "catalogue_note": f"{counted(current.services, 'service')} in the catalogue",
    }
    return render(request, "adoption/adoption.html", context)


def _numbers(current: Figures) -> list[Figure]:
    return [
        Figure(
            label="Services in production",
            value=_of(current.in_production, current.services),
            definition="Services with a container that runs, or ought to, on a host of production; "
            "of all services in the catalogue.",
            url=address("services", stage=Stage.PRODUCTION.value),
        ),
        Figure(
            label="Ready for production",
            value=_of(current.ready, current.in_production),
            definition="Services in production whose verdict is ready; of all services in production.",
            url=address("services", stage=Stage.PRODUCTION.value, verdict=Verdict.READY.value),
        ),
        Figure(
            label="Containers in production",
            value=_of(current.containers_in_production, current.containers_running),
            definition="Running containers on hosts of production; of all running containers.",
            url=address("containers", state="running", stage=Stage.PRODUCTION.value),
        ),
        Figure(
            label="Hosts answering",
            value=_of(current.hosts_answering, current.hosts),
            definition="Hosts whose last sweep went well and is not stale; of all hosts that are swept.",
            url=address("hosts", answer="answering"),
        ),
    ]


def _of(part: int, whole: int) -> str:
    return f"{thin(part)} of {thin(whole)}"


def _teams(current: Figures) -> list[TeamRow]:
    rows = []
    for name, by_stage in current.by_team.items():
        total = sum(by_stage.values())
        segments = [
            Segment(tone=f"stage-{stage.value}", label=word, count=by_stage[stage.value], url="")
            for stage, word in STAGES.items()
        ]
        in_production = by_stage[Stage.PRODUCTION.value]
        team = name or NO_TEAM
        rows.append(
            TeamRow(
                name=name,
                url=address("services", team=team),
                production_url=address("services", team=team, stage=Stage.PRODUCTION.value),
                production=in_production,
                services=total,
                segments=segments,
                share=percent(in_production, total),
            )
        )
    return sorted(rows, key=lambda row: (not row.name, -row.services, row.name))


def _trend(now: datetime) -> list[int | None]:
    """Share of services in production, one value a day for ninety days, None where none was taken."""
    days = Day.objects.filter(day__gt=now.date() - timedelta(days=90))
    shares = {day.day: percent(day.stage_production, day.services) for day in days}
    return [shares.get(now.date() - timedelta(days=back)) for back in range(89, -1, -1)]
