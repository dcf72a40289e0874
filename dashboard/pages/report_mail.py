"""Who gets the report by mail and when, what such a mail looks like, and what came of those that were sent."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from dashboard.queueing import ask_for_report_mail
from dashboard.report_forms import OneForm, ScheduleForm
from dashboard.report_mail import compose
from dashboard.roles import admin_required
from fleet.models import ReportMail, ReportSchedule
from fleet.models.report import SENDING, WAITING
from fleet.reports import report_now
from fleet.reports.mailing import ask_for_mail, next_occasion

_SHOWN = 30


@csp_update({"frame-src": [SELF]})
@admin_required
def report_mail(request: HttpRequest) -> HttpResponse:
    schedule = ReportSchedule.current()
    form = ScheduleForm(request.POST or None, initial=ScheduleForm.initial_of(schedule))
    if request.method == "POST" and form.is_valid():
        form.save(timezone.now())
        messages.success(request, "Saved.")
        return redirect("report-mail")
    return render(request, "report_mail/report_mail.html", _context(request, schedule, form, None))


def _context(request: HttpRequest, schedule: ReportSchedule, form: ScheduleForm, one: OneForm | None) -> dict[str, Any]:
    now = timezone.now()
    mails = list(ReportMail.objects.all()[:_SHOWN])
    return {
        "form": form,
        "one": one or OneForm(initial={"address": getattr(request.user, "email", "")}),
        "schedule": schedule,
        "next": next_occasion(schedule, now) if schedule.enabled and schedule.recipients else None,
        "mails": mails,
        "under_way": any(mail.state in {SENDING, WAITING} and mail.next_try_at <= now for mail in mails),
        "configured": settings.EMAIL_CONFIGURED,
        "server": f"by {settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_CONFIGURED else "",
        "message": compose(report_now(now), "you@example.org", occasion=now),
    }


@require_safe
@xframe_options_sameorigin
@csp_replace({"style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF]})
@admin_required
def report_mail_preview(request: HttpRequest) -> HttpResponse:
    """The part of a mail that has colours, as a mailbox shows it: with styles of its own, and so in a frame."""
    message = compose(report_now(timezone.now()), "you@example.org", occasion=timezone.now())
    return HttpResponse(str(message.alternatives[0][0]))


@require_POST
@admin_required
def send_report_mail(request: HttpRequest) -> HttpResponse:
    """One to the address that was typed, through the same code and the same server as those of the schedule."""
    form = OneForm(request.POST)
    if not form.is_valid():
        schedule = ReportSchedule.current()
        page = _context(request, schedule, ScheduleForm(initial=ScheduleForm.initial_of(schedule)), form)
        return render(request, "report_mail/report_mail.html", page)
    mail = ask_for_mail(form.cleaned_data["address"], timezone.now())
    if ask_for_report_mail(mail):
        messages.success(request, f"A worker sends it to {mail.address}. What came of it stands below.")
    else:
        messages.error(request, "The queue does not answer. It waits, and goes out when the queue is back.")
    return redirect("report-mail")
