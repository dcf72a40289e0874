"""Fix next: the changes that lift most services over the line, alone and five together, with what to type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import django_filters
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from dashboard.findings import by_rule
from dashboard.lists import TeamFilter, address
from dashboard.words import AREAS, STAGES, counted
from fleet.foresight import Fix, Plan, plan_of
from fleet.foresight.cases import Case, cases, ready_without
from fleet.foresight.fixes import failing_on, holding
from fleet.foresight.snippets import snippets_for
from fleet.models import Service
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Stage

_STAGES = [(stage.value, STAGES[stage]) for stage in reversed(Stage) if stage is not Stage.NONE]
_MOST = 40


class FixFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Which services to lift; the stage is production unless the URL says otherwise."""

    stage = django_filters.ChoiceFilter(label="Stage", choices=_STAGES)
    team = TeamFilter(label="Team", field_name="team")
    q = django_filters.CharFilter(label="Service", field_name="name", lookup_expr="icontains")

    class Meta:
        model = Service
        fields: list[str] = []


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


def chosen_cases(request: HttpRequest, now: datetime) -> tuple[FixFilter, Stage, list[Case]]:
    """The filter, the stage it names, and the services below the line that it leaves."""
    filterset = FixFilter(request.GET, queryset=Service.objects.all(), request=request)
    asked = request.GET.get("stage") or Stage.PRODUCTION.value
    stage = Stage(asked) if asked in {value for value, _ in _STAGES} else Stage.PRODUCTION
    rows = filterset.qs if filterset.is_valid() else Service.objects.none()
    narrowed = bool(request.GET.get("team") or request.GET.get("q"))
    services = list(rows.values_list("pk", flat=True)) if narrowed else None
    return filterset, stage, cases(now, stage=stage, services=services)


def fixes(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filterset, stage, found = chosen_cases(request, now)
    plan = plan_of(found)
    context = {
        "filterset": filterset,
        "stage": STAGES[stage].lower(),
        "plan": plan,
        "below": counted(plan.below, "service"),
        "steps": _steps(plan, request),
        "lifted": plan.steps[-1].total if plan.steps else 0,
        "fixes": [_line(rank, one, request) for rank, one in enumerate(plan.fixes[:_MOST], start=1)],
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


def _line(rank: int, one: Fix, request: HttpRequest) -> FixLine:
    rule = by_slug().get(one.rule)
    stage = request.GET.get("stage") or Stage.PRODUCTION.value
    narrowed = {name: value for name in ("team", "q") if (value := request.GET.get(name))}
    return FixLine(
        rank=rank,
        title=_title(one.rule),
        pillar=AREAS[rule.pillar] if rule else "",
        severity=rule.severity.value if rule else "info",
        url=_url(one.rule, request),
        lifts=one.lifts,
        services=one.services,
        subjects=one.subjects,
        services_url=address("services", stage=stage, held_by=one.rule, **narrowed),
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
        "stage": STAGES[stage].lower(),
        "holds": bool(held),
        "services": counted(len(where), "service"),
        "lifted": lifted,
        "groups": by_rule(findings),
        "snippets": snippets_for(rule, findings),
        "places": counted(len(findings), "place"),
    }
    return render(request, "fixes/detail.html", context)
