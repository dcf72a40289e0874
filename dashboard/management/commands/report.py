"""`./loadline report [DAY] [--json | --csv | --keep | --mail]`: the manager's page as text or as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from fleet.management.base import RowsCommand
from fleet.models import Report
from fleet.reports import AlteredReportError, document_kept, keep_report, report_now, report_of


class Command(RowsCommand):
    help = "Prints the report of now or of a day; keeps today's, or mails what is due, as the schedule does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", nargs="?", metavar="DAY", help="such as 2026-11-23; now without one")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--json", action="store_true", help="print the whole document")
        what.add_argument("--csv", action="store_true", help="print every figure")
        what.add_argument("--keep", action="store_true", help="keep today's as it is now, unless it was kept before")
        what.add_argument("--mail", action="store_true", help="keep and mail what is due by the schedule")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["keep"] or options["mail"]) and options["day"]:
            raise CommandError("Only today's report is kept or mailed; leave the day out.")
        if options["mail"]:
            from dashboard.tasks import report_due

            told = report_due()
            self.stdout.write(f"{told.sent} sent, {told.failed} failed, of {told.unsure} nobody knows")
            if told.failed or told.unsure:
                raise SystemExit(1)
            return
        document = self._document(options["day"], keep=options["keep"])
        self.stdout.write(_shown(document, as_json=options["json"], as_csv=options["csv"]), ending="")

    def _document(self, day: str | None, *, keep: bool) -> Mapping[str, Any]:
        now = timezone.now()
        if keep:
            return document_kept(keep_report(now))
        if day is None:
            return report_now(now)
        try:
            of = date.fromisoformat(day)
            kept = Report.objects.filter(day=of).first()
            document = document_kept(kept) if kept else report_of(of)
        except ValueError:
            raise CommandError(f"{day} is no day such as 2026-11-23") from None
        except AlteredReportError as error:
            raise CommandError(f"The report of {day} cannot be shown, because {error}") from None
        if document is None:
            raise CommandError(f"No report was kept of {day}, and the history has no figures of it")
        return document


def _shown(document: Mapping[str, Any], *, as_json: bool, as_csv: bool) -> str:
    from django.conf import settings
    from django.template.loader import render_to_string

    from dashboard.report import as_csv as csv_of
    from dashboard.report import shown

    if as_json:
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if as_csv:
        return csv_of(document)
    return render_to_string("report/mail.txt", {"report": shown(document), "base": settings.LOADLINE_URL}).rpartition(
        "The whole sheet"
    )[0]
