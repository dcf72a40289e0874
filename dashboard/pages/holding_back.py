"""What holds back: services on their way to production, those that lack least first; by team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import NO_TEAM, Filters, TeamFilter, address
from dashboard.words import counted, thin
from fleet.foresight.fixes import Shape
from fleet.foresight.holding_back import distance_of
from fleet.models import Service, Shortfall
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Stage, Verdict

#: Services that the list names.
MOST = 50
#: A list as short as this is not folded on a telephone.
_SHORT = 10
_STAGING = Stage.STAGING.value
_WORDS = (
    ("ready", "ready already"),
    ("1", "one change away"),
    ("2", "two changes away"),
    ("more", "more changes away"),
    ("beyond", "beyond what Loadline can tell"),
    ("stale", "on evidence that is too old"),
)


class HoldingFilter(Filters):
    """Whose services; those in staging are shown whatever it says."""

    team = TeamFilter(label="Team", field_name="team")

    class Meta:
        model = Service
        fields: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A service below the line with the changes that would make it ready, each (title, address)."""

    name: str
    slug: str
    team: str
    changes: int
    rules: list[tuple[str, str]]


def holding_back(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request).ask("fixes", "holding back")
    filterset = HoldingFilter(request.GET, queryset=Service.objects.all(), request=request)
    team = request.GET.get("team", "") if filterset.is_valid() else ""
    data = counts.holding_back
    staging = _of(data, team)
    nearest = _nearest(counts, filterset, team)
    context = {
        "filterset": filterset,
        "distances": _distances(staging, team),
        "total": counted(sum(staging.values()), "service"),
        "total_url": address("services", stage=_STAGING, **({"team": team} if team else {})),
        "ready": _ready(team, counts.now),
        "nearest": nearest,
        "most": MOST,
        "fold": "yes" if len(nearest) > _SHORT else "",
        "blockers": _blockers(counts, team),
        "freed_of": f"by the services that each change frees alone{', in production, too' if team else ''}",
        "teams": _teams(data, team),
    }
    return render(request, "holding_back/holding_back.html", context)


def _of(data: Mapping[str, Any], team: str) -> dict[str, int]:
    """What separates the services in staging from ready, of the team or of all: kind to services."""
    if not team:
        return {kind: number for kind, number in data["staging"].items() if kind != "total"}
    name = "" if team == NO_TEAM else team
    return next((staging for one, staging, _, _ in data["teams"] if one == name), {})


def _distances(staging: Mapping[str, int], team: str) -> list[tuple[int, str, str]]:
    """(services, words, link or nothing), every kind that there is; they add up to all services in staging."""
    folded: dict[str, int] = {}
    for kind, number in staging.items():
        key = kind if kind in {"ready", "1", "2", "beyond", "stale"} else "more"
        folded[key] = folded.get(key, 0) + number
    more = {"team": team} if team else {}
    ready = address("services", stage=_STAGING, verdict=Verdict.READY.value, **more)
    return [(folded[kind], words, ready if kind == "ready" else "") for kind, words in _WORDS if folded.get(kind)]


def _ready(team: str, now: datetime) -> list[tuple[str, str, str]]:
    """Name, slug and team of the first that need nothing."""
    rows = Service.objects.in_catalogue().filter(stage=_STAGING).with_verdict_now(now)
    rows = rows.of_verdict(Verdict.READY.value)
    rows = rows.filter(team="" if team == NO_TEAM else team) if team else rows
    return list(rows.order_by("name").values_list("name", "slug", "team")[:MOST])


def _nearest(counts: FleetCounts, filterset: HoldingFilter, team: str) -> list[Near]:
    rows: QuerySet[Shortfall] = Shortfall.objects.filter(service__stage=_STAGING, changes__isnull=False)
    if team:
        rows = rows.filter(service__team="" if team == NO_TEAM else team)
    rows = rows.order_by("changes", "weight", "service__name")
    told = rows.annotate(name=F("service__name"), slug=F("service__slug"), whose=F("service__team"))
    found = list(told.values_list("name", "slug", "whose", "changes", "shape")[:MOST])
    shapes = counts.shapes if found else {}
    return [
        Near(name=name, slug=slug, team=whose, changes=changes or 0, rules=_rules(shapes.get(shape)))
        for name, slug, whose, changes, shape in found
    ]


def _rules(shape: Shape | None) -> list[tuple[str, str]]:
    way = distance_of(shape) if shape else None
    return [(_title(rule), address_of_fix(rule)) for rule in way.rules] if way else []


def _title(slug: str) -> str:
    rule = by_slug().get(slug)
    return rule.title if rule else slug


def address_of_fix(rule: str, stage: str = _STAGING, team: str = "") -> str:
    return f"{reverse('fix', args=[rule])}?{urlencode({'stage': stage, **({'team': team} if team else {})})}"


def _blockers(counts: FleetCounts, team: str) -> list[dict[str, Any]]:
    """Of staging: from the plan, or for a team from what is kept of it."""
    if team:
        name = "" if team == NO_TEAM else team
        kept: list[Any] = next((blockers for one, _, _, blockers in counts.holding_back["teams"] if one == name), [])
        told = [(rule, frees, holds) for rule, frees, holds in kept]
    else:
        told = [(fix.rule, fix.lifts, fix.services) for fix in counts.plan(_STAGING).fixes[:10]]
    stage = "any" if team else _STAGING
    return [
        {"title": _title(rule), "url": address_of_fix(rule, stage, team), "frees": frees, "holds": thin(holds)}
        for rule, frees, holds in told
    ]


def _teams(data: Mapping[str, Any], chosen: str) -> list[dict[str, Any]]:
    rows = []
    for team, staging, below, blockers in data["teams"]:
        value = team or NO_TEAM
        rule = blockers[0] if blockers else None
        rows.append({
            "team": team, "url": address("holding-back", team=value) if value != chosen else "",
            "staging": sum(staging.values()),
            "ready": staging.get("ready", 0), "one": staging.get("1", 0),
            "production": below.get("production", 0),
            "blocker": (_title(rule[0]), address_of_fix(rule[0], "any", value)) if rule else None,
            "frees": rule[1] if rule else 0,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-row["production"], -row["staging"], row["team"]))
