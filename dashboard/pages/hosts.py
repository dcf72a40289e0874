"""Hosts: which answer, what is wrong with those that do not, and what one of them carries."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from dashboard.counted import counts_of
from dashboard.door_words import reach_of_host
from dashboard.findings import grouped
from dashboard.host_facts import fact_groups
from dashboard.lists import (
    ANY,
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
from dashboard.pages.services import MOST, STAGE_CHOICES, VERDICT_CHOICES
from dashboard.queueing import ask_for_sweep
from dashboard.roles import operator_required
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.templatetags.pieces import time_ago
from dashboard.words import counted
from fleet.models import Container, Host
from fleet.models.answers import Answers
from fleet.models.container import at_work
from fleet.models.host import LONG, HostQuerySet
from fleet.readiness.vocabulary import Stage
from fleet.watching import last_sweeps

ANSWERS = (("answering", "Answering"), ("failing", "Not answering"), ("never", "Never yet"), ("off", "Not swept"))


class HostTable(ListTable):
    name = tables.Column(verbose_name="Host", linkify=leading_to("host", "name"), attrs={"th": {"class": "name"}})
    environment = tables.Column(order_by=("environment__position", "name"))
    team = tables.Column()
    verdict_now = tables.Column(verbose_name="Verdict", order_by=("verdict_rank", "name"))
    pillars = tables.Column(empty_values=(), orderable=False, verbose_name="Pillars")
    engine_version = tables.Column(verbose_name="Engine")
    containers_running = tables.Column(
        verbose_name="Running", attrs=num(), linkify=linked("containers", host="name", state="=running")
    )
    answered_at = tables.Column(verbose_name="Last answer", empty_values=())

    class Meta(ListTable.Meta):
        order_by = ("verdict_now",)

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, record: Host) -> SafeString:
        return pillar_strip(record.pillars_now)

    def render_answered_at(self, record: Host) -> SafeString:
        answered = time_ago(record.answered_at)
        if not record.enabled:
            return format_html('{}<small class="why">Not swept any more</small>', answered)
        if record.error:
            return format_html('{}<small class="why">{}</small>', answered, record.error)
        return format_html("{}", answered)


class HostFilter(Filters):
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    verdict = django_filters.ChoiceFilter(label="Verdict", field_name="verdict_now", choices=VERDICT_CHOICES)
    answer = django_filters.ChoiceFilter(label="Answers", choices=ANSWERS, method="by_answer")
    team = TeamFilter(label="Team", field_name="team")
    environment = unseen(
        EnvironmentFilter,
        label="Environment",
        field_name="environment__slug",
    )
    stage = unseen(
        django_filters.ChoiceFilter,
        label="Environments of",
        field_name="environment__stage",
        choices=[choice for choice in STAGE_CHOICES if choice[0] != Stage.NONE.value],
    )
    work = unseen(
        django_filters.ChoiceFilter,
        label="At work",
        choices=[("yes", "Swept and running more than infrastructure")],
        method="by_work",
    )
    service = unseen(django_filters.CharFilter, label="Service", method="by_service")
    error = unseen(django_filters.CharFilter, label="Last sweep failed", method="by_error")
    ending = unseen(django_filters.CharFilter, label="Runs", method="by_ending")
    late = unseen(django_filters.ChoiceFilter, label="Sweep", choices=[("yes", "Overdue")], method="by_lateness")

    def by_answer(self, rows: HostQuerySet, _name: str, value: str) -> QuerySet[Host]:
        if value == "never":
            return rows.filter(answered_at__isnull=True)
        if value == "off":
            return rows.filter(enabled=False)
        now = timezone.now()
        return rows.answering(now) if value == "answering" else rows.silent(now)

    def by_work(self, rows: QuerySet[Host], _name: str, _value: str) -> QuerySet[Host]:
        return rows.filter(at_work(counts_of(self.request).measured.references), enabled=True)

    def by_service(self, rows: QuerySet[Host], _name: str, value: str) -> QuerySet[Host]:
        return rows.filter(Exists(Container.objects.present().filter(host=OuterRef("pk"), service__slug=value)))

    def by_error(self, rows: QuerySet[Host], _name: str, value: str) -> QuerySet[Host]:
        failed = rows.filter(enabled=True).exclude(error_code="")
        return failed if value == ANY else failed.filter(error_code=value)

    def by_ending(self, rows: QuerySet[Host], _name: str, value: str) -> QuerySet[Host]:
        return rows.filter(pk__in=counts_of(self.request).running(value))

    def by_lateness(self, rows: QuerySet[Host], _name: str, _value: str) -> QuerySet[Host]:
        return rows.filter(pk__in=[host.host for host in last_sweeps(timezone.now()).overdue])


def hosts(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    # Asked for apart, so that PostgreSQL unpacks the facts of those that are shown and not of all that it sorts.
    version = Host.objects.filter(pk=OuterRef("pk")).order_by().values(told=KT("facts__engine_version"))
    versioned = Host.objects.with_verdict_now(now).annotate(engine_version=Subquery(version))
    rows = versioned.select_related("environment").defer(*LONG)
    environments = [("", "All"), *((row["slug"], row["name"]) for row in counts_of(request).environments)]
    context = {"environments": environments, "progress": Host.objects.all().progress(now)}
    return render_list(
        request,
        "hosts/list.html",
        rows=rows,
        filters=HostFilter,
        table=HostTable,
        context=context,
        known=lambda counts, on: None if on else counts.hosts.registered,
        unsorted=("engine_version",),
    )


def host(request: HttpRequest, name: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Host.objects.with_verdict_now(now).select_related("environment"), name=name)
    facts = found.read_facts()
    on_it = Container.objects.present().filter(host=found).with_verdict_now(now)
    context = {
        "host": found,
        "groups": fact_groups(facts) if facts else [],
        "stale": found.is_stale(now),
        "findings": grouped(Answers().filter(host=found, container__isnull=True), now=now),
        **reach_of_host(found.name),
        "containers": on_it.for_lists().worst_first()[:MOST],
        "containers_left": max(0, found.containers_total - MOST),
        "containers_url": address("containers", host=found.name),
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
    keys = list(chosen.filter(enabled=True).values_list("pk", flat=True))
    if not keys:
        messages.warning(request, "A host that is not enabled is not swept; enable it first.")
    elif ask_for_sweep(keys, now=timezone.now()):
        messages.info(request, f"Asked for a sweep of {counted(len(keys), 'host')}; the page follows it.")
    else:
        messages.warning(request, "The queue does not answer; the sweep starts when the schedule reaches it.")
