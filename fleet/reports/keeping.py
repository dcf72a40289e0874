"""Reports that are kept: one a day, written once, known again by its digest."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from fleet.models import Report, ReportSchedule, Service
from fleet.reports.gathering import known_now, known_of
from fleet.reports.words import document_of


class AlteredReportError(Exception):
    """What is stored is not what was kept; the sentence says how one can tell."""


def report_now(now: datetime) -> dict[str, Any]:
    """The document as it would be kept at this moment."""
    return document_of(known_now(now))


def report_of(day: date) -> dict[str, Any] | None:
    """The document of a past day of which none was kept, from what the history says of it; None when that is naught."""
    known = known_of(day)
    return document_of(known) if known else None


def keep_report(now: datetime, *, maker: str = "") -> Report:
    """Keeps today's. Whoever comes first today decides what it says: a later one gets that."""
    if found := Report.objects.filter(day=now.date()).first():
        return found
    encoded = msgspec.json.encode(report_now(now), order="deterministic")
    made = Report(
        day=now.date(),
        made_at=now,
        maker=maker,
        digest=hashlib.sha256(encoded).hexdigest(),
        document=gzip.compress(encoded, mtime=0),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # somebody else was quicker
        return Report.objects.get(day=now.date())
    return made


def keep_todays(now: datetime) -> Report | None:
    """What the schedule does: once the hour has come, unless there is nothing to report."""
    if now.hour < ReportSchedule.current().hour or Report.objects.filter(day=now.date()).exists():
        return None
    return keep_report(now) if Service.objects.in_catalogue().exists() else None


def document_kept(report: Report) -> dict[str, Any]:
    """Raises AlteredReportError when what is stored is not what was kept."""
    try:
        encoded = gzip.decompress(bytes(report.document))
    except (OSError, EOFError, zlib.error) as error:
        raise AlteredReportError("it cannot be unpacked") from error
    if hashlib.sha256(encoded).hexdigest() != report.digest:
        raise AlteredReportError("its digest differs")
    document: dict[str, Any] = msgspec.json.decode(encoded)
    return document
