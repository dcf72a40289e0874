"""Mailing reports: once to each address on each occasion, however many workers run, and never on a guess."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from fleet.models import ReportMail, ReportSchedule
from fleet.models.report import ASKED, FAILED, SCHEDULED, SENDING, SENT, UNSURE, WAITING
from fleet.reports.keeping import keep_report

#: An occasion that nobody was there for is made up for so long afterwards.
LATE: Final = timedelta(days=3)
#: A mail that failed is tried again after so long, then twice as long, and no longer than GIVE_UP after its occasion.
AGAIN: Final = timedelta(minutes=5)
GIVE_UP: Final = timedelta(days=1)
#: Whoever began to send so long ago is gone; every step of sending has a time limit far below that.
LOST: Final = timedelta(minutes=15)
_SAID: Final = 300


class NotSentError(Exception):
    """The server did not take it, surely. `again` says whether it might later."""

    def __init__(self, sentence: str, *, again: bool) -> None:
        super().__init__(sentence)
        self.again = again


class UnsureError(Exception):
    """The connection broke after the mail was handed over and before the server said that it has it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails of a run were sent, failed for now or for good, and of how many nobody knows."""

    sent: int = 0
    failed: int = 0
    unsure: int = 0


def occasion(schedule: ReportSchedule, now: datetime) -> datetime | None:
    """The last moment up to now for which the schedule wanted a report; None before it wanted any."""
    if not schedule.enabled or not schedule.recipients or schedule.changed_at is None:
        return None
    at = now.replace(hour=schedule.hour, minute=0, second=0, microsecond=0)
    at -= timedelta(days=(at.weekday() - schedule.weekday) % 7)
    if at > now:
        at -= timedelta(days=7)
    return at if schedule.changed_at <= at and now - at <= LATE else None


def next_occasion(schedule: ReportSchedule, now: datetime) -> datetime:
    """The first moment after now that the schedule wants, were it on."""
    at = now.replace(hour=schedule.hour, minute=0, second=0, microsecond=0)
    at += timedelta(days=(schedule.weekday - at.weekday()) % 7)
    return at if at > now else at + timedelta(days=7)


def queue_due(now: datetime) -> int:
    """Notes whom the schedule owes a mail; once, whoever else does so at the same time."""
    schedule = ReportSchedule.current()
    at = occasion(schedule, now)
    if at is None or ReportMail.objects.filter(kind=SCHEDULED, due_at=at).exists():
        return 0
    report = keep_report(now)
    rows = [_mail(SCHEDULED, at, address, report.day, now) for address in schedule.recipients]
    return len(ReportMail.objects.bulk_create(rows, ignore_conflicts=True))


def ask_for_mail(address: str, now: datetime) -> ReportMail:
    """One for somebody who wants to see it, of what is known now; nothing is kept for it."""
    mail = _mail(ASKED, now, address, now.date(), now)
    mail.save()
    return mail


def _mail(kind: str, due: datetime, address: str, day: date, now: datetime) -> ReportMail:
    return ReportMail(kind=kind, due_at=due, address=address, day=day, next_try_at=now, at=now)


def send_due(now: datetime, *, send: Callable[[ReportMail], None], only: Sequence[int] | None = None) -> Sent:
    """Sends what waits, of `only` or of everything. `send` raises NotSentError or UnsureError.

    1. A conditional UPDATE makes a mail this caller's; of two callers one has it.
    2. It is sent.
    3. What came of it is written. Who dies before that leaves it in 1, where `forget_lost` finds it: it may have been
       sent, so it is not sent again by itself.
    """
    waiting = ReportMail.objects.due(now)
    if only is not None:
        waiting = waiting.filter(pk__in=only)
    found = [_send_one(mail, now, send) for mail in waiting if ReportMail.objects.all().claim(mail.pk, now)]
    return Sent(found.count(SENT), found.count(WAITING) + found.count(FAILED), found.count(UNSURE))


def _send_one(mail: ReportMail, now: datetime, send: Callable[[ReportMail], None]) -> str:
    attempts = mail.attempts + 1
    wait = AGAIN * 2 ** (attempts - 1)
    said, state = "", SENT
    try:
        send(mail)
    except NotSentError as error:
        said = str(error)
        state = WAITING if error.again and mail.kind == SCHEDULED and now + wait <= mail.due_at + GIVE_UP else FAILED
    except UnsureError as error:
        said, state = str(error), UNSURE
    changed = {"state": state, "said": said[:_SAID], "attempts": attempts, "at": now, "next_try_at": now + wait}
    ReportMail.objects.filter(pk=mail.pk, state=SENDING).update(**changed)
    return state


def forget_lost(now: datetime) -> int:
    """Mails whose sender is gone: whether they were sent, nobody knows."""
    lost = ReportMail.objects.filter(state=SENDING, at__lt=now - LOST)
    return lost.update(state=UNSURE, at=now, said="The worker ended while it was sending.")
