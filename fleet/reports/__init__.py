"""Reports for managers: one page in plain words, kept as it was, and mailed."""

from __future__ import annotations

from fleet.reports.keeping import AlteredReportError, document_kept, keep_report, keep_todays, report_now, report_of

__all__ = ["AlteredReportError", "document_kept", "keep_report", "keep_todays", "report_now", "report_of"]
