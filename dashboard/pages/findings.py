"""Findings: every one of them, by whatever somebody wants to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from dashboard.counted import FleetCounts, counts_of
from dashboard.findings import evidence_pairs
from dashboard.lists import ANY, LARGE, EnvironmentFilter, Known, ListTable, PresetFilters, page_of, render_list, unseen
from dashboard.templatetags.marks import severity as severity_mark
from dashboard.templatetags.marks import status_mark
from dashboard.templatetags.pieces import short_name, time_ago
from dashboard.templatetags.rows import shown
from dashboard.words import AREAS, SEVERITIES, STATUSES
from fleet.models import Container, Finding, Host, Service
from fleet.models.answers import Answers
from fleet.models.finding import WAIVED
from fleet.models.named import among
from fleet.readiness.catalogue import by_slug, rules
from fleet.readiness.vocabulary import Scope, Severity, Status

_LONGEST = 160
#: Every finding is under exactly one of them, so their counts add up to all.
STATUS_CHOICES = [
    (Status.FAIL.value, STATUSES[Status.FAIL]),
    (WAIVED, "Accepted"),
    (Status.UNKNOWN.value, STATUSES[Status.UNKNOWN]),
    (Status.PASS.value, STATUSES[Status.PASS]),
    (Status.NOT_APPLICABLE.value, STATUSES[Status.NOT_APPLICABLE]),
    (ANY, "Any"),
]


def _linked(url: str, text: str) -> SafeString:
    return mark_safe(f'<a href="{escape(url)}">{escape(text)}</a>')  # noqa: S308 - both are escaped


class FindingTable(ListTable):
    status = tables.Column(order_by=("status", "severity_rank"))
    severity = tables.Column(order_by=("severity_rank", "rule"))
    rule = tables.Column(attrs={"th": {"class": "name"}})
    subject_name = tables.Column(verbose_name="On", attrs={"th": {"class": "on"}})
    service = tables.Column(accessor="service__name", verbose_name="Service", attrs={"cell": {"class": "whose"}})
    evidence = tables.Column(orderable=False, attrs={"cell": {"class": "proof"}})
    first_seen = tables.Column(verbose_name="Since")

    class Meta(ListTable.Meta):
        order_by = ("severity",)
        attrs = {"class": "rows findings-rows"}

    def render_status(self, record: Finding) -> SafeString:
        return status_mark(WAIVED if record.waiver_id else record.status, record.severity)

    def value_status(self, record: Finding) -> str:
        return WAIVED if record.waiver_id else record.status

    def render_severity(self, value: str, record: Finding) -> SafeString:
        return severity_mark(record.severity)

    def value_severity(self, record: Finding) -> str:
        return record.severity

    def render_rule(self, value: str) -> SafeString:
        rule = by_slug().get(value)
        return _linked(page_of("rule", value), rule.title if rule else value)

    def value_rule(self, value: str) -> str:
        return value

    def render_subject_name(self, record: Finding) -> SafeString:
        where = record.host.name if record.host and record.subject_kind != Scope.HOST.value else ""
        on = f" on {escape(where)}" if where else ""
        told = f"{shown(short_name(record.subject_name))}<small>{escape(record.subject_kind)}{on}</small>"
        return mark_safe(told)  # noqa: S308 - each part is escaped

    def value_subject_name(self, record: Finding) -> str:
        return record.subject_name

    def render_service(self, value: str, record: Finding) -> SafeString:
        slug = record.service.slug if record.service else ""
        return _linked(page_of("service", slug), value)

    def value_service(self, value: str) -> str:
        return value

    def render_evidence(self, record: Finding) -> SafeString:
        text = "; ".join(f"{name} = {value}" for name, value in evidence_pairs(record.evidence)) or record.reason
        told = escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        return mark_safe(f"<code>{told}</code>")  # noqa: S308 - escaped

    def value_evidence(self, record: Finding) -> str:
        return "; ".join(f"{name} = {value}" for name, value in evidence_pairs(record.evidence))

    def render_first_seen(self, value: Any) -> Any:
        return time_ago(value, now=timezone.now())


class FindingFilter(PresetFilters):
    """What fails, unless the URL says otherwise: that is what people come for, and passes are nine of ten."""

    preset = {"status": Status.FAIL.value}

    q = django_filters.CharFilter(label="Rule, container, service or host", method="by_words")
    status = django_filters.ChoiceFilter(label="Status", choices=STATUS_CHOICES, empty_label=None, method="by_status")
    severity = django_filters.ChoiceFilter(
        label="Severity", choices=[(s.value, w) for s, w in SEVERITIES.items()], method="by_severity"
    )
    pillar = django_filters.ChoiceFilter(label="Pillar", choices=[(p.value, w) for p, w in AREAS.items()])
    environment = EnvironmentFilter(label="On hosts of", field_name="host__environment__slug")
    rule = unseen(django_filters.ChoiceFilter, label="Rule", choices=[(r.slug, r.title) for r in rules()])
    service = unseen(django_filters.CharFilter, label="Service", field_name="service__slug")
    team = unseen(django_filters.CharFilter, label="Team", method="by_team")
    host = unseen(django_filters.CharFilter, label="Host", field_name="host__name")
    kind = unseen(
        django_filters.ChoiceFilter,
        label="Kind",
        field_name="subject_kind",
        choices=[(s.value, s.value) for s in Scope],
    )
    cis = unseen(django_filters.CharFilter, label="CIS Docker 1.6.0", method="by_cis")

    def filter_queryset(self, queryset: Answers) -> Answers:
        """As the library's own, which takes nothing but a queryset."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def by_words(self, rows: Answers, _name: str, value: str) -> Answers:
        slugs = [rule.slug for rule in rules() if value.lower() in rule.title.lower() or value.lower() in rule.slug]
        about = self._about(value)
        if not slugs:
            # Whether there are more than anybody pages through is told sooner by some of the containers than by all.
            return rows.filter(about).beginning(
                among("container", counts_of(self.request).some_named(Container, value))
            )
        return rows.either(about, rules=Q(rule__in=slugs), named=lambda one: one.rule in slugs)

    def _about(self, value: str) -> Q:
        """On what is called so: by keys, as far as these are few. What is said of a container bears its name."""
        counts = counts_of(self.request).ask_named(value, Container, Service, Host)
        containers, services, hosts = (counts.named(kind, value) for kind in (Container, Service, Host))
        if containers is None:
            about = Q(container__isnull=False, subject_name__icontains=value)
        else:
            about = among("container", containers)
        about |= Q(service__name__icontains=value) if services is None else among("service", services)
        return about | (Q(host__name__icontains=value) if hosts is None else among("host", hosts))

    def by_severity(self, rows: Answers, _name: str, value: str) -> Answers:
        """By its rank, which the index that sorts them has."""
        return rows.filter(severity_rank=list(Severity).index(Severity(value)))

    def by_status(self, rows: Answers, _name: str, value: str) -> Answers:
        return rows if value == ANY else rows.with_status(value)

    def by_team(self, rows: Answers, _name: str, value: str) -> Answers:
        return rows.of_team(value)

    def by_cis(self, rows: Answers, _name: str, value: str) -> Answers:
        return rows.of_cis(value, [rule.slug for rule in rules() if value in rule.cis])


def findings(request: HttpRequest) -> HttpResponse:
    counts_of(request).ask("findings")
    rows: Any = Answers().for_lists()
    segments = _segments(request)
    return render_list(
        request,
        "findings/list.html",
        rows=rows,
        filters=FindingFilter,
        table=FindingTable,
        context={
            "statuses": segments,
            "status": request.GET.get("status") or FindingFilter.preset["status"],
        },
        known=_known_from(segments),
        unsorted=("status", "subject_name", "service", "first_seen"),
    )


#: Filters by which findings were counted.
_COUNTED = {"rule", "severity", "pillar", "environment"}


def _by_status(counts: FleetCounts, on: Mapping[str, str]) -> Counter[str] | None:
    """Findings that such filters leave, by status; None where they were not counted by one of them."""
    if on.keys() - _COUNTED:
        return None
    found: Counter[str] = Counter()
    known = by_slug()
    for rule, severity, status, environment, number in counts.ask("findings").findings:
        pillar = known[rule].pillar.value if rule in known else ""
        told = {"rule": rule, "severity": severity, "pillar": pillar, "environment": environment}
        if all(told[name] == value for name, value in on.items()):
            found[status] += number
    return found


def _known_from(segments: list[tuple[str, str, int | None]]) -> Known:
    """What was counted for the segments, by all filters that are on, is not counted again for the list."""
    by_status = {value: number for value, _, number in segments}

    def known(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
        number = by_status.get(on.get("status", ""))
        return _known(counts, on) if number is None else number

    return known


def _known(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
    status = on.get("status", ANY)
    found = _by_status(counts, {name: value for name, value in on.items() if name != "status"})
    if found is None:
        return None
    return found.total() if status == ANY else found[status]


def _segments(request: HttpRequest) -> list[tuple[str, str, int | None]]:
    """Each status with how many findings the other filters leave of it; None where that would have to be counted."""
    data = request.GET.copy()
    data["status"] = ANY
    others = FindingFilter(data, queryset=Answers(), request=request)
    if not others.is_valid():
        return [(value, word, 0) for value, word in STATUS_CHOICES]
    on = {name: str(data[name]) for name in others.filters if data.get(name) and name != "status"}
    counts = _by_status(counts_of(request), on)
    few = counts_of(request).containers <= LARGE or on.keys() & {"host", "service"}
    if counts is None and few:
        counts = others.qs.counts_by_status()
    if counts is None:
        return [(value, word, None) for value, word in STATUS_CHOICES]
    return [(value, word, counts.total() if value == ANY else counts[value]) for value, word in STATUS_CHOICES]
