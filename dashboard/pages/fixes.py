"""Fix next: the changes that lift most services over the line, alone and five together, with what to type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard.counted import counts_of
from dashboard.findings import by_rule
from dashboard.lists import ANY, NO_TEAM, PresetFilters, TeamFilter, address
from dashboard.words import AREAS, STAGES, command_text, counted
from fleet.counting import ANY_STAGE, read_numbers, read_shapes, summed
from fleet.foresight import Fix, Plan
from fleet.foresight.fixes import failing_on, plan_for
from fleet.foresight.snippets import Snippet, snippets_for
from fleet.models import Service, Shortfall
from fleet.readiness.catalogue import by_slug
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Stage

_STAGES = [*((stage.value, STAGES[stage]) for stage in reversed(Stage) if stage is not Stage.NONE), (ANY, "Any")]
_MOST = 40
#: Services whose places are shown with what to type there.
_SHOWN = 25
#: Services that a step names; what it frees has all of them.
_NAMED_ONES = 5
#: Services of which all are asked for to show the first.
_FEW = 10_000
_NAMED = 500  # of which a plan for a team may name some


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
        """Left to `chosen`, which asks only for services that are below the line."""
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
    subjects: int | None
    services_url: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The services below the line that the URL asks for: rows of Shortfall, and None for any stage."""

    filterset: FixFilter
    stage: Stage | None
    rows: QuerySet[Shortfall]
    narrowed: bool  # to a team or to words, and not to a stage alone

    def by_shape(self) -> Counter[str]:
        """How many services, by the key of what they need; counted anew where that was not counted before."""
        known = None if self.narrowed else read_numbers(self.stage.value if self.stage else ANY_STAGE)
        if known is not None:
            return known
        return Counter(dict(self.rows.order_by().values_list("shape").annotate(n=Count("pk"))))


def chosen(request: HttpRequest) -> Chosen:
    filterset = FixFilter(request.GET, queryset=Service.objects.all(), request=request)
    stage = _stage_of(filterset.data["stage"])
    rows = Shortfall.objects.exclude(service__stage=Stage.NONE.value)
    rows = rows.filter(service__stage=stage.value) if stage else rows
    narrowed = bool(request.GET.get("team") or request.GET.get("q"))
    if narrowed and not filterset.is_valid():
        rows = rows.none()
    elif narrowed:
        rows = rows.filter(_of(filterset))
    return Chosen(filterset, stage, rows, narrowed)


def _of(filterset: FixFilter) -> Q:
    """The team's services, or those whose names hold the words. Asked of the service beside each row: within a query of
    its own PostgreSQL would look each of them up twice, and could not read a team's by name.
    """
    team, words = filterset.form.cleaned_data["team"], filterset.form.cleaned_data["q"]
    of_team = Q(service__team="" if team == NO_TEAM else team) if team else Q()
    return of_team & Q(service__name__icontains=words) if words else of_team


def _plan(request: HttpRequest, found: Chosen) -> Plan:
    """What was counted, or for a team or words the same from the shapes of its services, without its places."""
    if not found.narrowed:
        return counts_of(request).plan(found.stage.value if found.stage else ANY)
    counts_of(request).ask("fixes")
    shapes = read_shapes()
    some = found.rows.order_by("service__name").values_list("service__name", "shape")[:_NAMED]
    names = [(name, shapes[shape]) for name, shape in some if shape in shapes]
    return plan_for(summed(shapes, found.by_shape()), places={}, names=names)


def _stage_of(asked: str) -> Stage | None:
    if asked == ANY:
        return None
    return Stage(asked) if asked in {value for value, _ in _STAGES} else Stage.PRODUCTION


def _where(stage: Stage | None) -> str:
    return STAGES[stage].lower() if stage else "any stage"


def fixes(request: HttpRequest) -> HttpResponse:
    found = chosen(request)
    plan = _plan(request, found)
    context = {
        "filterset": found.filterset,
        "stage": _where(found.stage),
        "plan": plan,
        "below": counted(plan.below, "service"),
        "steps": _steps(plan, request),
        "lifted": plan.steps[-1].total if plan.steps else 0,
        "fixes": [_line(rank, one, request, found.stage) for rank, one in enumerate(plan.fixes[:_MOST], start=1)],
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
            "names": step.names[:_NAMED_ONES],
            "left": max(0, step.lifts - _NAMED_ONES),
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
    context = {
        "rule": rule,
        "docs": rule.documentation,
        "severity": rule.severity.value,
        **_about(rule, chosen(request), counts_of(request).ask("fixes").now),
    }
    return render(request, "fixes/detail.html", context)


def _about(rule: AnyRule, found: Chosen, now: datetime) -> dict[str, object]:
    """Whom it holds back and lifts, and what to type for the first of them."""
    shapes, counts = read_shapes(), found.by_shape()
    held = {key for key in counts if key in shapes and rule.slug in shapes[key].holds}
    lifting = {key for key in held if shapes[key].ready_with({rule.slug})}
    touched = held or {key for key in counts if key in shapes and rule.slug in shapes[key].open}
    first = _first(found.rows, {key: counts[key] for key in touched})
    number = sum(counts[key] for key in touched)
    # Where all of them are shown, those that are lifted are among them.
    some = first if number <= _SHOWN else _first(found.rows, {key: counts[key] for key in lifting})
    findings = failing_on(now, rule=rule.slug, services=[service for service, *_ in first])
    return {
        "stage": _where(found.stage),
        "holds": bool(held),
        "services": counted(number, "service"),
        "shown": len(first) if len(first) < number else 0,
        "lifted": [name for _, name, shape in some if shape in lifting],
        "lifted_total": sum(counts[key] for key in lifting),
        "groups": by_rule(findings),
        "snippets": [_typed(one) for one in snippets_for(rule, findings)],
        "places": counted(len(findings), "place"),
    }


def _first(rows: QuerySet[Shortfall], counts: Mapping[str, int]) -> list[tuple[int, str, str]]:
    """Key, name and shape of the first services by name that have one of the shapes. A few are all asked for: with a
    limit PostgreSQL would go through the whole fleet by name until it met enough of them.
    """
    of_them = rows.filter(shape__in=list(counts)).order_by("service__name")
    found = of_them.values_list("service", "service__name", "shape")
    return list(found if sum(counts.values()) <= _FEW else found[:_SHOWN])[:_SHOWN]


def _typed(snippet: Snippet) -> tuple[str, str]:
    """What it is about, and the lines; remarks of a file stand where its keys are."""
    return snippet.about, snippet.text if snippet.kind == "compose" else command_text(snippet.text)
