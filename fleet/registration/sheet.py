"""A CSV of hosts: its columns, read by fleet.sheet."""

from __future__ import annotations

from typing import Final

from fleet.sheet import MOST_BYTES, Columns, Rejected, Row, SheetError
from fleet.sheet import read_rows as _read_rows

__all__ = ["COLUMNS", "MOST_BYTES", "Rejected", "Row", "SheetError", "read_rows"]

COLUMNS: Final = Columns(("name", "url", "environment", "team"), ("tls_dir", "engine"), "a host")


def read_rows(data: bytes) -> list[Row | Rejected]:
    """Rows in the order of the file; blank lines are left out. Raises SheetError."""
    return _read_rows(data, COLUMNS)
