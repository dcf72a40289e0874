"""Services: the catalogue with its verdicts, and one service with what keeps it below the line."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from dashboard.findings import grouped
from dashboard.lists import ListTable, num, render_list
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.words import PILLARS as PILLAR_WORDS
from dashboard.words import STAGES, VERDICTS
from fleet.models import Container, Finding, Service
from fleet.models.judged import PILLARS
from fleet.readiness.vocabulary import Scope, Stage


class ServiceTable(ListTable):
    name = tables.Column(
        verbose_name="Service", linkify=("service", [tables.A("slug")]), attrs={"th": {"class": "name"}}
    )
    team = tables.Column()
    stage = tables.Column()
    verdict_now = tables.Column(verbose_name="Verdict", order_by=("verdict_rank", "name"))
    pillars = tables.Column(empty_values=(), orderable=False, verbose_name="Net · State · Trust · Run · Res · Hard")
    containers_total = tables.Column(verbose_name="Containers", attrs=num())
    hosts_total = tables.Column(verbose_name="Hosts", attrs=num())

    class Meta(ListTable.Meta):
        order_by = ("verdict_now", "name")

    def render_stage(self, value: str, record: Service) -> str:
        return STAGES[Stage(record.stage)]

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, record: Any) -> SafeString:
        return pillar_strip(pillars_now(record))


class ServiceFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    stage = django_filters.ChoiceFilter(label="Stage", choices=list(STAGES.items()))
    verdict = django_filters.ChoiceFilter(label="Verdict", field_name="verdict_now", choices=list(VERDICTS.items()))
    team = django_filters.AllValuesFilter(label="Team", field_name="team", empty_label="Any")


def service_url(service: Service) -> str:
    return reverse("service", args=[service.slug])


def pillars_now(service: Any) -> dict[str, str]:
    """Verdict by pillar of a row from `with_verdict_now`."""
    return {pillar: getattr(service, f"now_{pillar}") for pillar in PILLARS}


def services(request: HttpRequest) -> HttpResponse:
    rows = Service.objects.in_catalogue().with_verdict_now(timezone.now())
    return render_list(request, "services/list.html", rows=rows, filters=ServiceFilter, table=ServiceTable)


def service(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Service.objects.with_verdict_now(now), slug=slug)
    members = Container.objects.present().filter(service=found)
    # The same containers that the verdict rests on, so that what stands here is what made it.
    about = Finding.objects.about(members.filter(carries_verdict=True))
    context = {
        "service": found,
        "stage_word": STAGES[Stage(found.stage)],
        "pillars": pillar_rows(pillars_now(found)),
        "findings": grouped(about.exclude(subject_kind=Scope.HOST.value), now=now),
        "host_findings": grouped(about.filter(subject_kind=Scope.HOST.value), now=now),
        "containers": members.with_verdict_now(now).for_lists().worst_first(),
    }
    return render(request, "services/detail.html", context)


def pillar_rows(pillars: dict[str, str]) -> list[tuple[str, str, str]]:
    """(label, link, verdict) in the order of the pillars."""
    return [(label, reverse(pillar.value), pillars[pillar.value]) for pillar, label in PILLAR_WORDS.items()]
