"""Services: the catalogue with its verdicts, and one service with what keeps it below the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard.catalogue import links, stage_cell
from dashboard.changes import change_rows
from dashboard.counted import FleetCounts, counts_of
from dashboard.door_words import reach_of
from dashboard.findings import Grouped, split
from dashboard.lists import (
    NO_TEAM,
    EnvironmentFilter,
    Filters,
    ListTable,
    TeamFilter,
    address,
    leading_to,
    linked,
    num,
    render_list,
    unseen,
)
from dashboard.neutrality import bonds_of
from dashboard.scores import score_rows, smallest_fix
from dashboard.state_kinds import state_card
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.trust import images_of
from dashboard.words import DISTANCES, PILLARS, STAGES, STATE_KINDS, VERDICTS
from fleet.adoption import Figures
from fleet.counting import read_shapes
from fleet.models import Change, Container, Host, Service
from fleet.models.answers import Answers
from fleet.models.named import among
from fleet.models.service import LONG, ServiceQuerySet
from fleet.neutrality import by_slug
from fleet.readiness.vocabulary import Scope, Stage

STAGE_CHOICES = [(stage.value, STAGES[stage]) for stage in reversed(Stage)]
_FEW_HOSTS = 5000
_HOST = Scope.HOST.value
STATE_CHOICES = [(kind.value, word) for kind, word in STATE_KINDS.items()]
VERDICT_CHOICES = [(one.value, word) for one, word in VERDICTS.items()]


class ServiceTable(ListTable):
    name = tables.Column(verbose_name="Service", linkify=leading_to("service", "slug"), attrs={"th": {"class": "name"}})
    team = tables.Column()
    tier = tables.Column(attrs=num(), orderable=False)
    stage = tables.Column()
    verdict_now = tables.Column(verbose_name="Verdict", order_by=("verdict_rank", "name"))
    pillars = tables.Column(empty_values=(), orderable=False, verbose_name="Net · State · Trust · Run · Res · Hard")
    containers_total = tables.Column(
        verbose_name="Containers", attrs=num(), linkify=linked("containers", service="name")
    )
    hosts_total = tables.Column(verbose_name="Hosts", attrs=num(), linkify=linked("hosts", service="slug"))

    class Meta(ListTable.Meta):
        order_by = ("verdict_now",)

    def render_stage(self, record: Service) -> SafeString | str:
        return stage_cell(record)

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, record: Any) -> SafeString:
        return pillar_strip(record.pillars_now)


class ServiceFilter(Filters):
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    verdict = django_filters.ChoiceFilter(label="Verdict", choices=VERDICT_CHOICES, method="by_verdict")
    team = TeamFilter(label="Team", field_name="team")
    environment = EnvironmentFilter(label="On hosts of", method="by_environment")
    stage = unseen(django_filters.ChoiceFilter, label="Stage", choices=STAGE_CHOICES)
    network, state, trust, runtime, resilience, hardening = (
        unseen(django_filters.ChoiceFilter, label=label, choices=VERDICT_CHOICES, method="by_verdict")
        for pillar, label in PILLARS.items()
    )
    state_kind = unseen(
        django_filters.ChoiceFilter, label="Keeps its state", choices=STATE_CHOICES, method="by_state_kind"
    )
    held_by = unseen(django_filters.CharFilter, label="Held back by", method="by_rule")
    distance = unseen(
        django_filters.ChoiceFilter,
        label="To another engine",
        choices=[(one.value, word) for one, word in DISTANCES.items()],
        method="by_distance",
    )
    tie = unseen(
        django_filters.ChoiceFilter,
        label="Tied by",
        choices=[(slug, one.title) for slug, one in by_slug().items()],
        method="by_tie",
    )
    ending = unseen(django_filters.CharFilter, label="On hosts with", method="by_ending")

    def by_verdict(self, rows: ServiceQuerySet, name: str, value: str) -> ServiceQuerySet:
        return rows.of_verdict(value, pillar="" if name == "verdict" else name)

    def by_state_kind(self, rows: ServiceQuerySet, _name: str, value: str) -> ServiceQuerySet:
        return rows.of_state(value)

    def by_environment(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        hosts = Host.objects.filter(environment__slug=value).order_by().values_list("pk", flat=True)
        some = list(hosts[: _FEW_HOSTS + 1])  # named, they need not be looked up for each container
        here = among("host", some) if len(some) <= _FEW_HOSTS else Q(host__environment__slug=value)
        return rows.filter(Exists(Container.objects.present().filter(here, service=OuterRef("pk"))))

    def by_distance(self, rows: ServiceQuerySet, _name: str, value: str) -> ServiceQuerySet:
        return rows.at_distance(value)

    def by_tie(self, rows: ServiceQuerySet, _name: str, value: str) -> ServiceQuerySet:
        return rows.tied_by(value)

    def by_ending(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        there = Container.objects.present().filter(among("host", counts_of(self.request).running(value)))
        return rows.filter(Exists(there.filter(service=OuterRef("pk"), carries_verdict=True)))

    def by_rule(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        counts_of(self.request).ask("fixes")
        shapes = [key for key, shape in read_shapes().items() if value in shape.holds]
        return rows.filter(shortfall__shape__in=shapes)


def services(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request)
    rows = Service.objects.in_catalogue().with_verdict_now(counts.now, stale=counts.stale)
    rows = rows.defer(*LONG)
    return render_list(
        request,
        "services/list.html",
        rows=rows,
        filters=ServiceFilter,
        table=ServiceTable,
        context={"stages": [("", "All"), *STAGE_CHOICES]},
        known=_known,
    )


def _known(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
    """As it was counted, where that was."""
    if on.keys() & {"distance", "tie"} and len(on.keys() - {"stage"}) == 1:
        stages = [on["stage"]] if "stage" in on else list(counts.ties.distances)
        return counts.ties.services(stages, distance=on.get("distance"), tie=on.get("tie"))
    return _in_figures(counts, on)


def _in_figures(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
    """How many services have a stage, a verdict, one pillar's verdict, a team or an environment, as it was counted."""
    figures = counts.figures
    stages = [on["stage"]] if "stage" in on else list(figures.by_stage)
    match sorted(on.keys() - {"stage"}):
        case []:
            return sum(figures.by_stage[stage] for stage in stages)
        case ["verdict"]:
            return sum(figures.verdicts_by_stage[stage][on["verdict"]] for stage in stages)
        case ["team"]:
            team = figures.by_team.get("" if on["team"] == NO_TEAM else on["team"], {})
            return sum(team.get(stage, 0) for stage in stages)
        case [name] if name in {"state_kind", *(one.value for one in PILLARS)}:
            by_stage = figures.states_by_stage if name == "state_kind" else _of_pillar(figures, name)
            return sum(by_stage.get(stage, {}).get(on[name], 0) for stage in stages)
        case ["environment"] if "stage" not in on:
            return next((row["services"] for row in counts.environments if row["slug"] == on["environment"]), None)
    return None


def _of_pillar(figures: Figures, pillar: str) -> Mapping[str, Mapping[str, int]]:
    return {stage: pillars[pillar] for stage, pillars in figures.pillars_by_stage.items()}


def service(request: HttpRequest, slug: str) -> HttpResponse:
    counts = counts_of(request).ask("shapes")
    rows = Service.objects.with_verdict_now(now := counts.now, alone=True).annotate(shape=F("shortfall__shape"))
    found = get_object_or_404(rows, slug=slug)
    members = Container.objects.present().filter(service=found)
    findings, host_findings = _findings(found, now)
    context = {
        "service": found,
        "stage_word": STAGES[Stage(found.stage)],
        "pillars": pillar_rows(found.pillars_now),
        "findings": findings,
        "host_findings": host_findings,
        "containers": (shown := list(members.with_verdict_now(now).for_lists().worst_first()[:MOST])),
        "containers_left": max(0, found.containers_total - MOST),
        "containers_url": address("containers", service=found.name),
        "hosts_url": address("hosts", service=found.slug),
        "named_by": _SOURCES.get(found.source, ""),
        "entry_links": links(found),
        "scores": score_rows(found),
        "changes": change_rows(Change.objects.with_subjects().filter(service=found).newest_first()[:8]),
        "changes_url": address("changes", service=found.slug),
        **_answers(found, shown),
        "fixes": smallest_fix(found, getattr(found, "shape"), counts.shapes),  # noqa: B009 - annotated just now
    }
    return render(request, "services/detail.html", context)


def _answers(service: Service, shown: Sequence[Container]) -> dict[str, Any]:
    """To the questions that organisations ask: where its state is, who reaches it, what ties it, whose images run."""
    asked = {"state": state_card(service), "bonds": bonds_of(service), "images": images_of(shown)}
    return {**asked, **reach_of(service)}


def _findings(service: Service, now: datetime) -> tuple[Grouped, Grouped]:
    """What is said of it and of what its verdict rests on, and apart what is said of hosts."""
    # The same containers that the verdict rests on, so that what stands here is what made it.
    carrying = Container.objects.present().filter(service=service, carries_verdict=True)
    own = Q(subject_kind=Scope.SERVICE.value, subject_pk=service.pk)
    return split(Answers().about(carrying, own), now=now, apart=lambda one: one.subject_kind == _HOST)


_SOURCES = {
    "label": "its own label",
    "swarm": "its swarm service",
    "compose": "its compose project",
    "mapping": "a mapping",
    "image": "its image",
    "name": "its container",
}
#: Containers on a detail page; the list has the rest.
MOST = 50


def pillar_rows(pillars: dict[str, str]) -> list[tuple[str, str, str]]:
    """(label, link, verdict) in the order of the pillars."""
    return [(label, reverse(pillar.value), pillars[pillar.value]) for pillar, label in PILLARS.items()]
