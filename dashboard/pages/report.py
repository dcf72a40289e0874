"""The manager's page: one sheet in plain words, of now or of any day; what was kept stays as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.counted import counts_of
from dashboard.report import as_csv, shown
from dashboard.roles import operator_required
from fleet.models import Day, Report
from fleet.reports import AlteredReportError, document_kept, keep_report, report_now, report_of

#: Kept reports that the page leads to; those before them by the field for a day.
_KEPT = 28
_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


def report(request: HttpRequest) -> HttpResponse:
    """As of now; with `?day=` it leads to the address of that day, which is what the field for a date asks for."""
    if asked := request.GET.get("day"):
        return redirect("report-day", _day(asked).isoformat())
    now = counts_of(request).now
    kept = list(Report.objects.defer("document")[:_KEPT])
    context = {
        "report": shown(report_now(now)),
        "kept_today": next((one for one in kept if one.day == now.date()), None),
        "kept_days": kept,
        "today": now.date(),
        "files": "/report/report.",
    }
    return render(request, "report/report.html", {**context, **_around(now.date(), now.date())})


def report_day(request: HttpRequest, day: str) -> HttpResponse:
    """What was kept of the day; else what the history tells of it, which hosts that answer late still correct."""
    of, today = _day(day), timezone.now().date()
    if of > today:
        raise Http404(f"{of} is still to come.")
    kept = Report.objects.filter(day=of).first()
    try:
        document = document_kept(kept) if kept else _not_kept(of, today)
    except AlteredReportError as error:
        messages.error(request, f"The report of {of} cannot be shown, because {error}. Find out who changed it.")
        return redirect("report")
    if document is None and of == today:
        return redirect("report")
    context: dict[str, Any] = {"kept": kept, "of": of, "report": shown(document) if document else None, "today": today}
    context |= {"files": f"/report/{of}/report.", **_around(of, today)}
    return render(request, "report/report.html", context, status=200 if document else 404)


def _not_kept(of: date, today: date) -> Mapping[str, Any] | None:
    return report_of(of) if of < today else None


def report_file(request: HttpRequest, kind: str, day: str = "") -> HttpResponse:
    """Every figure of the page, as JSON or as CSV."""
    if kind not in _TYPES:
        raise Http404
    document = _document(_day(day)) if day else report_now(timezone.now())
    body = as_csv(document) if kind == "csv" else json.dumps(document, indent=1, ensure_ascii=False)
    answer = HttpResponse(body, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="loadline-report-{document["day"]}.{kind}"'
    return answer


def _document(of: date) -> Mapping[str, Any]:
    kept = Report.objects.filter(day=of).first()
    try:
        document = document_kept(kept) if kept else _not_kept(of, timezone.now().date())
    except AlteredReportError as error:
        raise Http404(f"The report of {of} cannot be handed out, because {error}.") from error
    if document is None:
        raise Http404(f"No report was kept of {of}.")
    return document


@require_POST
@operator_required
def keep_todays_report(request: HttpRequest) -> HttpResponse:
    """Once a day; whoever is second is led to what the first one kept."""
    before = Report.objects.filter(day=timezone.now().date()).exists()
    kept = keep_report(timezone.now(), maker=request.user.get_username())
    words = "Today's report was kept before, and stays as it was." if before else "Kept. This is its address for good."
    messages.success(request, words)
    return redirect("report-day", kept.day.isoformat())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404(f"{text} is no day such as 2026-11-23.") from None


def _around(day: date, today: date) -> dict[str, Any]:
    """The days a week before and after, as far as there is anything to show of them."""
    week = timedelta(days=7)
    there = {today, *Day.objects.filter(day__in=[day - week, day + week]).values_list("day", flat=True)}
    earlier, later = (one if one in there else None for one in (day - week, day + week))
    return {"earlier": earlier, "later": later}
