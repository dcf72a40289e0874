"""The catalogue: every service, in containers or not, with what people entered of it; entering and importing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.catalogue import links_of, stage_cell, trail_rows
from dashboard.catalogue_forms import EntryForm, ServicesFileForm
from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import Filters, ListTable, TeamFilter, leading_to, linked, num, render_list, unseen
from dashboard.pages.services import STAGE_CHOICES
from dashboard.roles import admin_required, operator_required
from dashboard.templatetags.pieces import time_ago
from fleet.catalogue import COLUMNS, CatalogueError, as_csv, change, enter, import_services, remove, trail_of
from fleet.models import Service
from fleet.models.service import ServiceQuerySet
from fleet.sheet import SheetError, read_rows

_MISSING = {
    "team": Q(team=""),
    "tier": Q(tier=None),
    "runbook": Q(runbook=""),
    "oncall": Q(oncall=""),
    "source_url": Q(source_url=""),
}
_MISSING_WORDS = [
    ("team", "A team"),
    ("tier", "A tier"),
    ("runbook", "A runbook"),
    ("oncall", "Whom to call"),
    ("source_url", "Its source"),
]
_ORIGINS = [("entered", "Entered"), ("found", "Found by sweeps alone"), ("empty", "Without containers")]


class CatalogueTable(ListTable):
    name = tables.Column(verbose_name="Service", linkify=leading_to("service", "slug"), attrs={"th": {"class": "name"}})
    team = tables.Column()
    tier = tables.Column(attrs=num())
    stage = tables.Column()
    links = tables.Column(empty_values=(), orderable=False)
    containers_total = tables.Column(
        verbose_name="Containers", attrs=num(), linkify=linked("containers", service="name")
    )
    entered_at = tables.Column(verbose_name="Entered", empty_values=())

    class Meta(ListTable.Meta):
        order_by = ("name",)

    def render_stage(self, record: Service) -> SafeString | str:
        return stage_cell(record)

    def value_stage(self, record: Service) -> str:
        return record.stage_told

    def render_links(self, record: Service) -> SafeString:
        return links_of(record)

    def value_links(self, record: Service) -> str:
        return " ".join(one for one in (record.runbook, record.oncall, record.source_url) if one)

    def render_entered_at(self, record: Service) -> SafeString | str:
        if record.entered_at is None:
            return format_html('<span class="muted">{}</span>', "found by sweeps")
        return format_html('{} <span class="muted">by {}</span>', time_ago(record.entered_at), record.entered_by or "–")


class CatalogueFilter(Filters):
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    team = TeamFilter(label="Team", field_name="team")
    tier = django_filters.ChoiceFilter(label="Tier", choices=[(str(one), str(one)) for one in range(1, 10)])
    stage = django_filters.ChoiceFilter(label="Stage", choices=STAGE_CHOICES, method="by_stage")
    missing = django_filters.ChoiceFilter(label="Lacks", choices=_MISSING_WORDS, method="by_missing")
    origin = unseen(django_filters.ChoiceFilter, label="Origin", choices=_ORIGINS, method="by_origin")

    def by_stage(self, rows: ServiceQuerySet, _name: str, value: str) -> ServiceQuerySet:
        return rows.standing_in(value)

    def by_missing(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        return rows.filter(_MISSING[value])

    def by_origin(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        return rows.filter(containers_total=0) if value == "empty" else rows.filter(declared=value == "entered")


def catalogue(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "catalogue/list.html",
        rows=Service.objects.in_catalogue().defer("standing", "own_standing"),
        filters=CatalogueFilter,
        table=CatalogueTable,
        context={"tabs": catalogue_tabs(request, "catalogue"), "origins": [("", "All"), *_ORIGINS]},
        known=_known,
        unsorted=("tier", "entered_at"),
    )


def _known(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
    return counts.services if not on else None


def catalogue_tabs(request: HttpRequest, active: str) -> list[tuple[Any, ...]]:
    """The catalogue's own pages, each with its number."""
    counts = counts_of(request).ask("unmapped")
    return [
        ("Services", reverse("catalogue"), active == "catalogue", counts.services),
        ("Unmapped", reverse("catalogue-unmapped"), active == "unmapped", counts.unmapped["total"]),
        ("Mappings", reverse("catalogue-mappings"), active == "mappings"),
    ]


@operator_required
def add_entry(request: HttpRequest) -> HttpResponse:
    form = EntryForm(request.POST or None, initial={name: request.GET.get(name, "") for name in ("name", "team")})
    if request.method == "POST" and form.is_valid():
        try:
            made = enter(form.entry(), by=request.user.get_username(), now=timezone.now())
        except CatalogueError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{made.name} is in the catalogue.")
            return redirect("service", made.slug)
    return render(request, "catalogue/form.html", {"form": form, "service": None})


@operator_required
def edit_entry(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Service, slug=slug)
    form = EntryForm(request.POST or None, initial=EntryForm.initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            change(found, form.entry(), by=request.user.get_username(), now=timezone.now())
        except CatalogueError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "Stored. What rests on it is judged again within seconds.")
            return redirect("service", found.slug)
    context = {"form": form, "service": found, "trail": trail_rows(trail_of(found))}
    return render(request, "catalogue/form.html", context)


@operator_required
def remove_entry(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Service, slug=slug)
    if request.method == "POST":
        try:
            remove(found)
        except CatalogueError as error:
            messages.error(request, str(error))
            return redirect("service", found.slug)
        messages.success(request, f"{found.name} is no longer in the catalogue.")
        return redirect("catalogue")
    return render(request, "catalogue/remove.html", {"service": found})


@admin_required
def import_entries(request: HttpRequest) -> HttpResponse:
    """Upload, preview, confirm: the same code runs for the preview and for the real thing."""
    form = ServicesFileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "columns": ",".join(COLUMNS.all)}
    if request.method == "POST" and form.is_valid():
        content, confirmed = form.content(), "confirm" in request.POST
        by, now = request.user.get_username(), timezone.now()
        try:
            report = import_services(read_rows(content, COLUMNS), by=by, now=now, dry_run=not confirmed)
        except SheetError as error:
            form.add_error("file", str(error))
        else:
            text = content.decode("utf-8-sig", errors="surrogateescape").encode(errors="replace").decode()
            context |= {"report": report, "text": text, "confirmed": confirmed}
            context["report_title"] = "Imported" if confirmed else "Preview"
    return render(request, "catalogue/import.html", context)


def export_entries(request: HttpRequest) -> HttpResponse:
    """Every service of the catalogue, in the columns of the import."""
    rows = Service.objects.in_catalogue().order_by("name").defer("standing", "own_standing")
    answer = HttpResponse(as_csv(rows.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="catalogue.csv"'
    return answer
