"""Lists as CSV: exactly the rows that the page's filters leave, for people's own spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import tablib
from django.http import HttpResponse

#: A cell that begins so is a formula to a spreadsheet, and its text comes from engines nobody vouches for.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(table: Any, name: str) -> HttpResponse:
    """All pages of a django-tables2 table; a cell that would be a formula is led by an apostrophe."""
    columns = list(table.columns)
    sheet = tablib.Dataset(headers=[str(column.header) for column in columns])
    for row in table.rows:
        sheet.append([_text(_value(table, column, row.record)) for column in columns])
    return _download(sheet, name)


def rows_as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The same for rows of no table."""
    sheet = tablib.Dataset(headers=list(head))
    for row in rows:
        sheet.append([_text(value) for value in row])
    return _download(sheet, name)


def _download(sheet: Any, name: str) -> HttpResponse:
    response = HttpResponse(sheet.export("csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _value(table: Any, column: Any, record: Any) -> Any:
    """What the column is about, not how a page draws it."""
    own = getattr(table, f"value_{column.name}", None)
    return own(record) if own else column.accessor.resolve(record, quiet=True)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(value)


def harmless(value: Any) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
