"""A report as a mail of two parts, and handing it to the server with an answer that tells failed from unknown."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from datetime import date, datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from dashboard.report import shown
from fleet.models import Report, ReportMail
from fleet.models.report import ASKED
from fleet.reports import AlteredReportError, document_kept, report_now
from fleet.reports.mailing import NotSentError, UnsureError

#: Answers of a server from here on are final; those below may be others tomorrow.
_FINAL: Final = 500


def compose(document: Mapping[str, Any], address: str, *, occasion: datetime) -> EmailMultiAlternatives:
    """The same mail has the same Message-ID, by which a mailbox knows a copy."""
    context = {"report": shown(document, settings.LOADLINE_URL), "base": settings.LOADLINE_URL}
    name = sha256(f"{occasion.isoformat()} {address} {settings.LOADLINE_URL}".encode()).hexdigest()[:24]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "loadline.invalid"
    mail = EmailMultiAlternatives(
        subject=subject_of(document),
        body=render_to_string("report/mail.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": f"<report.{document['day']}.{name}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("report/mail.html", context), "text/html")
    return mail


def subject_of(document: Mapping[str, Any]) -> str:
    told = shown(document)
    return f"Loadline, {told['day_words']}: {told['lead_text'].rstrip('.')}"


def deliver(mail: ReportMail, *, now: datetime) -> None:
    """Raises NotSentError or UnsureError. What is sent by the schedule is the report that was kept."""
    if not settings.EMAIL_CONFIGURED:
        raise NotSentError("EMAIL_URL is not set, so no mail can be sent.", again=False)
    document = report_now(now) if mail.kind == ASKED else _kept(mail.day, now)
    message = compose(document, mail.address, occasion=mail.due_at)
    connection = get_connection()
    try:
        connection.open()
        if speaking := getattr(connection, "connection", None):
            speaking.ehlo_or_helo_if_needed()  # what breaks here broke before anything was handed over
    except (OSError, smtplib.SMTPException) as error:
        raise NotSentError(why(error), again=not _final(error)) from error
    message.connection = connection
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise NotSentError(why(error), again=not _final(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnsureError(f"The connection broke while it was sent: {why(error)}") from error
    finally:
        connection.close()


def _kept(day: date, now: datetime) -> Mapping[str, Any]:
    kept = Report.objects.filter(day=day).first()
    if kept is None:
        return report_now(now)
    try:
        return document_kept(kept)
    except AlteredReportError as error:
        raise NotSentError(f"The report of {day} is not what was kept: {error}.", again=False) from error


def _final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _FINAL for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _FINAL


def why(error: Exception) -> str:
    """A sentence that an admin can act on; the server's own words where it said any."""
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    return f"{server} {_cause(error)}"


def _cause(error: Exception) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            said = f"refuses the name or the password in EMAIL_URL: {_said(error.smtp_error)}"
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            said = f"refuses the recipient: {code} {_said(words)}"
        case smtplib.SMTPResponseException():
            said = f"answers {error.smtp_code} {_said(error.smtp_error)}"
        case smtplib.SMTPNotSupportedError():
            said = f"has not what EMAIL_URL asks for: {error}"
        case smtplib.SMTPServerDisconnected():
            said = f"ended the connection: {error}"
        case ssl.SSLError():
            said = f"and Loadline cannot agree on TLS: {error.reason or error}"
        case TimeoutError():
            said = f"did not answer within {settings.EMAIL_TIMEOUT} seconds"
        case OSError():
            said = f"cannot be reached: {error.strerror or error}"
        case _:
            said = f"failed: {error or type(error).__name__}"
    return said


def _said(words: Any) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
