"""Changes: every verdict and finding that flipped, newest first, with what came with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.changes import change_rows, changes_csv
from dashboard.counted import counts_of
from dashboard.lists import Capped, Filters, MoreThan, most_rows, unseen
from dashboard.words import AREAS, SEVERITIES
from fleet.models import Change, Host, Service
from fleet.models.named import among
from fleet.readiness.catalogue import by_slug

PER_PAGE = 50
_KINDS = [("verdict", "Verdicts"), ("finding", "Findings"), ("trust", "Trust in images")]
_WAYS = [("worse", "Worse"), ("better", "Better"), ("flapping", "Flapping")]


class ChangeFilter(Filters):
    q = django_filters.CharFilter(label="Service, host or rule", method="by_words")
    way = django_filters.ChoiceFilter(label="Which way", choices=_WAYS, method="by_way")
    kind = django_filters.ChoiceFilter(label="What", choices=_KINDS)
    severity = django_filters.ChoiceFilter(label="Severity", choices=[(s.value, w) for s, w in SEVERITIES.items()])
    pillar = unseen(django_filters.ChoiceFilter, label="Pillar", choices=[(p.value, w) for p, w in AREAS.items()])
    service = unseen(django_filters.CharFilter, label="Service", field_name="service__slug")
    host = unseen(django_filters.CharFilter, label="Host", field_name="host__name")
    rule = unseen(django_filters.CharFilter, label="Rule")
    since = django_filters.DateFilter(label="Since", widget=forms.DateInput(attrs={"type": "date"}), method="by_day")

    def by_words(self, rows: QuerySet[Change], _name: str, value: str) -> QuerySet[Change]:
        counts = counts_of(self.request).ask_named(value, Service, Host)
        services, hosts = counts.named(Service, value), counts.named(Host, value)
        rules = [slug for slug in by_slug() if value.lower() in slug]
        if services is None or hosts is None:
            about = Q(service__name__icontains=value) | Q(host__name__icontains=value)
        else:
            about = among("service", services) | among("host", hosts)
        return rows.filter(about | Q(rule__in=rules))

    def by_day(self, rows: QuerySet[Change], _name: str, value: date) -> QuerySet[Change]:
        return rows.filter(at__gte=datetime.combine(value, time.min, tzinfo=UTC))

    def by_way(self, rows: QuerySet[Change], _name: str, value: str) -> QuerySet[Change]:
        return rows.filter(flips__gt=2) if value == "flapping" else rows.filter(better=value == "better")


def _known(request: HttpRequest, most: int) -> int | None:
    """Of a word that many services bear, whether there are more than anybody pages through is told sooner by some of
    these than by all changes.
    """
    words = request.GET.get("q", "").strip()
    if not words or any(value for name, value in request.GET.items() if name not in {"q", "page"}):
        return None
    counts = counts_of(request)
    if counts.named(Service, words) is not None:
        return None
    some = Change.objects.filter(among("service", counts.first_named(Service, words))).order_by()
    return MoreThan(most) if some[: most + 1].count() > most else None


def changes(request: HttpRequest) -> HttpResponse:
    rows: Any = Change.objects.with_subjects().newest_first()
    filterset = ChangeFilter(request.GET, queryset=rows, request=request)
    chosen = filterset.qs if filterset.is_valid() else rows.none()
    if request.GET.get("format") == "csv":
        return changes_csv(chosen)
    most = most_rows(request)
    pages = Capped(chosen, PER_PAGE, rows=chosen, most=most, known=_known(request, most))
    page = pages.get_page(request.GET.get("page"))
    context = {
        "filterset": filterset,
        "page": page,
        "changes": change_rows(page.object_list),
        "count": pages.told,
        "open_ended": pages.open_ended,
        "total": pages.told if pages.told else int(rows.exists()),
    }
    return render(request, "changes/list.html", context)
