"""Hosts: which answer, what is wrong with those that do not, and what one of them carries."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from dashboard.findings import grouped
from dashboard.lists import ListTable, num, render_list
from dashboard.queueing import ask_for_sweep
from dashboard.roles import operator_required
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.templatetags.pieces import time_ago
from dashboard.words import VERDICTS
from fleet.models import Container, Environment, Finding, Host

ANSWERS = (("answering", "Answering"), ("failing", "Failing"), ("never", "Never answered"))


class HostTable(ListTable):
    name = tables.Column(verbose_name="Host", linkify=("host", [tables.A("name")]), attrs={"th": {"class": "name"}})
    environment = tables.Column(order_by=("environment__position", "name"))
    team = tables.Column()
    verdict_now = tables.Column(verbose_name="Verdict", order_by=("verdict_rank", "name"))
    pillars = tables.Column(empty_values=(), orderable=False, verbose_name="Pillars")
    engine_version = tables.Column(accessor="facts__engine_version", verbose_name="Engine", orderable=False)
    containers_running = tables.Column(verbose_name="Running", attrs=num())
    answered_at = tables.Column(verbose_name="Last answer", empty_values=())

    class Meta(ListTable.Meta):
        order_by = ("verdict_now", "name")

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, record: Host) -> SafeString:
        stale = getattr(record, "verdict_now", "") == "unknown" != record.verdict
        return pillar_strip({} if stale else record.pillars)

    def render_answered_at(self, record: Host) -> SafeString:
        answered = time_ago(record.answered_at)
        if record.error:
            return format_html('{}<small class="why">{}</small>', answered, record.error)
        return format_html("{}", answered)


class HostFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    environment = django_filters.ModelChoiceFilter(
        label="Environment", queryset=Environment.objects.all(), to_field_name="slug"
    )
    verdict = django_filters.ChoiceFilter(label="Verdict", field_name="verdict_now", choices=list(VERDICTS.items()))
    answer = django_filters.ChoiceFilter(label="Answers", choices=ANSWERS, method="by_answer")
    team = django_filters.AllValuesFilter(label="Team", field_name="team")

    def by_answer(self, rows: QuerySet[Host], _name: str, value: str) -> QuerySet[Host]:
        now = timezone.now()
        if value == "never":
            return rows.filter(answered_at__isnull=True)
        answering = Host.objects.answering(now)
        return rows.filter(pk__in=answering) if value == "answering" else rows.exclude(pk__in=answering)


def hosts(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = Host.objects.with_verdict_now(now).select_related("environment").defer("swarm")
    environments = [("", "All"), *Environment.objects.values_list("slug", "name")]
    context = {"environments": environments, "progress": Host.objects.all().progress(now)}
    return render_list(request, "hosts/list.html", rows=rows, filters=HostFilter, table=HostTable, context=context)


def host(request: HttpRequest, name: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Host.objects.with_verdict_now(now).select_related("environment"), name=name)
    on_it = Finding.objects.filter(host=found)
    context = {
        "host": found,
        "facts": found.read_facts(),
        "stale": found.is_stale(now),
        "findings": grouped(on_it.filter(container__isnull=True), now=now),
        "containers": Container.objects.present().filter(host=found).with_verdict_now(now).select_related("service"),
        "progress": Host.objects.filter(pk=found.pk).progress(now),
    }
    return render(request, "hosts/detail.html", context)


@require_POST
@operator_required
def sweep_host(request: HttpRequest, name: str) -> HttpResponse:
    chosen = Host.objects.filter(pk=get_object_or_404(Host, name=name).pk)
    _ask(request, chosen)
    return redirect("host", name)


@require_POST
@operator_required
def sweep_hosts(request: HttpRequest) -> HttpResponse:
    _ask(request, Host.objects.filter(enabled=True))
    return redirect("hosts")


def _ask(request: HttpRequest, chosen: QuerySet[Host, Any]) -> None:
    if not ask_for_sweep(list(chosen.values_list("pk", flat=True)), now=timezone.now()):
        messages.warning(request, "The queue does not answer; the sweep starts when the schedule reaches it.")
