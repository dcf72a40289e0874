"""Fix next: the changes that lift most services over the line, alone and five together, with what to type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from dashboard.findings import by_rule
from dashboard.lists import ANY, PresetFilters, TeamFilter, address
from dashboard.words import AREAS, STAGES, command_text, counted
from fleet.foresight import Fix, Plan, plan_of
from fleet.foresight.cases import Case, cases, ready_without
from fleet.foresight.fixes import failing_on, holding
from fleet.foresight.snippets import Snippet, snippets_for
from fleet.models import Service
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Stage

_STAGES = [*((stage.value, STAGES[stage]) for stage in reversed(Stage) if stage is not Stage.NONE), (ANY, "Any")]
_MOST = 40


class FixFilter(PresetFilters):
    """Which services to lift; the stage is production unless the URL says otherwise."""

    preset = {"stage": Stage.PRODUCTION.value}

    stage = django_filters.ChoiceFilter(label="Stage", choices=_STAGES, empty_label=None, method="by_stage")
    team = TeamFilter(label="Team", field_name="team")
    q = django_filters.CharFilter(label="Service", field_name="name", lookup_expr="icontains")

    class Meta:
        model = Service
        fields: list[str] = []

    def by_stage(self, rows: QuerySet[Service], _name: str, _value: str) -> QuerySet[Service]:
        """Left to `cases`, which asks only for services that are below the line."""
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FixLine:
    """A fix with its words; `services_url` is the list of those it holds back."""

    rank: int
    title: str
    pillar: str
    severity: str
    url: str
    lifts: int
    services: int
    subjects: int
    services_url: str


def chosen_cases(request: HttpRequest, now: datetime) -> tuple[FixFilter, Stage | None, list[Case]]:
    """The filter, the stage it names or none for any, and the services below the line that it leaves."""
    filterset = FixFilter(request.GET, queryset=Service.objects.all(), request=request)
    stage = _stage_of(filterset.data["stage"])
    rows = filterset.qs if filterset.is_valid() else Service.objects.none()
    narrowed = bool(request.GET.get("team") or request.GET.get("q"))
    services = list(rows.values_list("pk", flat=True)) if narrowed else None
    return filterset, stage, cases(now, stage=stage, services=services)


def _stage_of(asked: str) -> Stage | None:
    if asked == ANY:
        return None
    return Stage(asked) if asked in {value for value, _ in _STAGES} else Stage.PRODUCTION


def _where(stage: Stage | None) -> str:
    return STAGES[stage].lower() if stage else "any stage"


def fixes(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filterset, stage, found = chosen_cases(request, now)
    plan = plan_of(found)
    context = {
        "filterset": filterset,
        "stage": _where(stage),
        "plan": plan,
        "below": counted(plan.below, "service"),
        "steps": _steps(plan, request),
        "lifted": plan.steps[-1].total if plan.steps else 0,
        "fixes": [_line(rank, one, request, stage) for rank, one in enumerate(plan.fixes[:_MOST], start=1)],
    }
    return render(request, "fixes/list.html", context)


def _steps(plan: Plan, request: HttpRequest) -> list[dict[str, object]]:
    return [
        {
            "rank": rank,
            "title": _title(step.rule),
            "url": _url(step.rule, request),
            "lifts": counted(step.lifts, "service"),
            "any": step.lifts > 0,
            "total": step.total,
            "names": step.names,
        }
        for rank, step in enumerate(plan.steps, start=1)
    ]


def _line(rank: int, one: Fix, request: HttpRequest, stage: Stage | None) -> FixLine:
    rule = by_slug().get(one.rule)
    narrowed = {"stage": stage.value} if stage else {}
    narrowed |= {name: value for name in ("team", "q") if (value := request.GET.get(name))}
    return FixLine(
        rank=rank,
        title=_title(one.rule),
        pillar=AREAS[rule.pillar] if rule else "",
        severity=rule.severity.value if rule else "info",
        url=_url(one.rule, request),
        lifts=one.lifts,
        services=one.services,
        subjects=one.subjects,
        services_url=address("services", held_by=one.rule, **narrowed),
    )


def _title(slug: str) -> str:
    rule = by_slug().get(slug)
    return rule.title if rule else slug


def _url(slug: str, request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("fix", args=[slug]) + (f"?{query}" if query else "")


def fix(request: HttpRequest, slug: str) -> HttpResponse:
    """One change: on what, for which services, and the very lines to type, with their real names."""
    rule = by_slug().get(slug)
    if rule is None:
        raise Http404(f"There is no rule {slug}.")
    now = timezone.now()
    _, stage, found = chosen_cases(request, now)
    held = [case for case in found if rule.slug in holding(case)]
    where = held or [case for case in found if rule.slug in case.open_rules]
    findings = failing_on(now, rule=rule.slug, services=[case.service for case in where])
    lifted = [case.name for case in ready_without(held, {rule.slug})]
    context = {
        "rule": rule,
        "docs": rule.documentation,
        "severity": rule.severity.value,
        "stage": _where(stage),
        "holds": bool(held),
        "services": counted(len(where), "service"),
        "lifted": lifted,
        "groups": by_rule(findings),
        "snippets": [_typed(one) for one in snippets_for(rule, findings)],
        "places": counted(len(findings), "place"),
    }
    return render(request, "fixes/detail.html", context)


def _typed(snippet: Snippet) -> tuple[str, str]:
    """What it is about, and the lines; remarks of a file stand where its keys are."""
    return snippet.about, snippet.text if snippet.kind == "compose" else command_text(snippet.text)
