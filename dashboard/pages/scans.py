"""Scanners' reports: which are kept, what each says and of what runs, and the way in for another one."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from dashboard.lists import Filters, ListTable, leading_to, num, render_list
from dashboard.roles import operator_required
from dashboard.scan_forms import ScanForm, sealed, unsealed
from dashboard.scans_shown import Said, fate_told, said, told
from dashboard.templatetags.marks import chip
from dashboard.templatetags.pieces import digest, time_ago
from fleet.governance.policy import in_force
from fleet.models import ScanReport
from fleet.proving import Fate, keep_scan, preview_scan, remove_scan
from fleet.proving.scans import matched, stale_before
from fleet.trust.scan import UnreadableReportError
from fleet.trust.scan_reading import read_scan

_SAYS = [("fails", "Fails"), ("passes", "Nothing to fix"), ("stale", "Stale")]
_SCANNERS = [("trivy", "Trivy"), ("grype", "Grype")]


class ScanTable(ListTable):
    name = tables.Column(verbose_name="Image", linkify=leading_to("scan", "pk"), attrs={"th": {"class": "name"}})
    says = tables.Column(empty_values=(), orderable=False)
    critical_fixable = tables.Column(verbose_name="Critical, with a fix", attrs=num())
    high_fixable = tables.Column(verbose_name="High, with a fix", attrs=num())
    scanner = tables.Column()
    made_at = tables.Column(verbose_name="Scanned")
    sent_by = tables.Column(verbose_name="Sent by")

    class Meta(ListTable.Meta):
        order_by = ("-made_at",)

    def render_name(self, record: ScanReport, value: str) -> SafeString:
        return format_html('{}<small title="{}">{}</small>', value, record.image_id, digest(record.image_id))

    def render_says(self, record: ScanReport) -> SafeString:
        found = _said(record)
        return chip(found.tone, found.word)

    def value_says(self, record: ScanReport) -> str:
        return _said(record).word

    def render_critical_fixable(self, record: ScanReport) -> SafeString:
        return _of(record.critical_fixable, record.critical)

    def render_high_fixable(self, record: ScanReport) -> SafeString:
        return _of(record.high_fixable, record.high)

    def render_made_at(self, value: Any) -> SafeString | str:
        return time_ago(value)


def _said(record: ScanReport) -> Said:
    days: int = getattr(record, "days")  # noqa: B009 - annotated by the view, which asks for the policy once
    return said(record.read(), timezone.now(), days)


def _of(fixable: int, holes: int) -> SafeString:
    return format_html('{} <span class="muted">of {}</span>', fixable, holes)


class ScanFilter(Filters):
    q = django_filters.CharFilter(label="Image or digest", method="by_words")
    says = django_filters.ChoiceFilter(label="Says", choices=_SAYS, method="by_saying")
    scanner = django_filters.ChoiceFilter(label="Scanner", choices=_SCANNERS)

    def by_words(self, rows: QuerySet[ScanReport], _name: str, value: str) -> QuerySet[ScanReport]:
        if value.startswith("sha256:"):
            return rows.filter(pk__in=ScanReport.objects.filter(by_digest__digest__startswith=value).values("pk"))
        return rows.filter(name__icontains=value)

    def by_saying(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        fails = Q(critical_fixable__gt=0) | Q(high_fixable__gt=0)
        if value == "stale":
            return rows.filter(stale=True)
        return rows.filter(fails if value == "fails" else ~fails, stale=False)


def scans(request: HttpRequest) -> HttpResponse:
    days = in_force().policy.scan_days
    stale = Q(as_of__lt=stale_before(timezone.now(), days))
    rows = ScanReport.objects.annotate(days=Value(days), stale=ExpressionWrapper(stale, output_field=BooleanField()))
    context = {"days": days}
    return render_list(request, "scans/list.html", rows=rows, filters=ScanFilter, table=ScanTable, context=context)


def scan(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ScanReport, pk=pk)
    found, days = row.read(), in_force().policy.scan_days
    others = ScanReport.objects.filter(image_id=row.image_id).exclude(pk=pk).order_by(F("made_at").desc())[:5]
    context = {"report": row, "others": others, **told(found, matched(found), timezone.now(), days)}
    return render(request, "scans/detail.html", context)


@operator_required
def add_scan(request: HttpRequest) -> HttpResponse:
    """Upload, preview, confirm; the same reading serves both steps."""
    if "seal" in request.POST:
        return _keep(request)
    form = ScanForm(request.POST if request.method == "POST" else None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            found = read_scan(form.content(), now)
        except UnreadableReportError as error:
            form.add_error("file", str(error))
        else:
            received = preview_scan(found)
            context |= told(found, received.matched, now, in_force().policy.scan_days)
            context |= {"fate": fate_told(received), "kept": received.report, "seal": sealed(found)}
            context["storable"] = received.fate in {Fate.NEW, Fate.NEWER}
    return render(request, "scans/add.html", context)


def _keep(request: HttpRequest) -> HttpResponse:
    found = unsealed(request.POST.get("seal", ""))
    if found is None:
        messages.error(request, "The preview was too long ago; choose the file again.")
        return redirect("scan-add")
    received = keep_scan(found, by=request.user.get_username(), now=timezone.now())
    if received.fate in {Fate.NEW, Fate.NEWER}:
        messages.success(request, "Stored. What runs of this image is judged again with the next sweep of its hosts.")
    else:
        messages.info(request, fate_told(received))
    return redirect("scan", received.report.pk) if received.report else redirect("scans")


@require_POST
@operator_required
def take_scan_away(request: HttpRequest, pk: int) -> HttpResponse:
    row = ScanReport.objects.filter(pk=pk).first()
    if row is None:
        messages.info(request, "That report is gone already.")
    else:
        remove_scan(row, now=timezone.now())
        messages.success(request, f"The report on {row.name} is taken away. Its image counts as not scanned by it.")
    return redirect("scans")
