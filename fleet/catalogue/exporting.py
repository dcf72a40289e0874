"""The catalogue as a CSV that an import takes again as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from fleet.catalogue.entries import entry_of
from fleet.catalogue.entry import COLUMNS
from fleet.models import Service

#: A cell that begins so is a formula to a spreadsheet; the apostrophe before it is taken off by an import.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(services: Iterable[Service]) -> str:
    """A line for each, in the columns of the import."""
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(COLUMNS.all)
    for service in services:
        entry = entry_of(service)
        sheet.writerow([_harmless(str(getattr(entry, name))) for name in COLUMNS.all])
    return text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
