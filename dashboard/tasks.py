"""Celery's doors into what needs the site's templates: reports and their mails."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from fleet.models import ReportMail
from fleet.reports import keep_todays
from fleet.reports.mailing import Sent, forget_lost, queue_due, send_due
from fleet.tasks import in_turn


def _send(mail: ReportMail) -> None:
    from dashboard.report_mail import deliver  # what lists are made of: a worker that mails nothing need not hold it

    deliver(mail, now=timezone.now())


@shared_task(soft_time_limit=840, time_limit=870)
def report() -> None:
    """Keeps the day's report and mails what is due. Without a turn: the next tick comes soon."""
    in_turn(report_due)


def report_due() -> Sent:
    now = timezone.now()
    keep_todays(now)
    forget_lost(now)
    queue_due(now)
    return send_due(now, send=_send)


@shared_task(soft_time_limit=120, time_limit=150)
def mail_report(*, mail: int) -> None:
    """What "Send me one now" asks for."""
    send_due(timezone.now(), send=_send, only=[mail])
