"""Many services from one CSV: good rows are stored even when others are bad, and nothing is erased by an empty cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fleet.catalogue.entries import differences, entry_of, store
from fleet.catalogue.entry import FIELDS, CatalogueError, Entry, Valid, validate
from fleet.models import Service
from fleet.sheet import Rejected, Row

#: The cell that empties what is stored; an empty one leaves it as it is.
NOTHING: Final = "-"
_FORMULA: Final = ("'=", "'+", "'-", "'@")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """One service that the file makes or changes: before and after by field, both empty texts where nobody said."""

    line: int
    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(slots=True)
class ImportReport:
    """Every line of the file once: new, changed, unchanged or rejected."""

    dry_run: bool
    added: list[Changed] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def import_services(rows: Iterable[Row | Rejected], *, by: str, now: datetime, dry_run: bool = False) -> ImportReport:
    """Enters what is new and changes what is known by its name. A dry run stores nothing and says the same."""
    report, seen, kept = ImportReport(dry_run), dict[str, int](), list(rows)
    known = _known(kept)
    # Each row in a transaction of its own: SQLite has one writer, and no sweep shall wait for a long file.
    for row in kept:
        if isinstance(row, Rejected):
            report.rejected.append(row)
            continue
        try:
            _import(row, report, seen, known, by=by, now=now)
        except CatalogueError as error:
            column = error.field if error.field in row.values else ""
            report.rejected.append(Rejected(row.line, column, str(error)))
    return report


def _known(rows: Iterable[Row | Rejected]) -> dict[str, Service]:
    """Services of these names, however many, by name."""
    names = sorted({_cell(row.values["name"]) for row in rows if isinstance(row, Row)})
    found: dict[str, Service] = {}
    for start in range(0, len(names), _AT_ONCE):
        part = Service.objects.filter(name__in=names[start : start + _AT_ONCE])
        found |= {one.name: one for one in part.defer("standing", "own_standing")}
    return found


def _import(
    row: Row,
    report: ImportReport,
    seen: dict[str, int],
    known: Mapping[str, Service],
    *,
    by: str,
    now: datetime,
) -> None:
    old = known.get(_cell(row.values["name"]))
    valid = validate(_entry(row.values, old))
    if valid.name in seen:
        raise CatalogueError(
            "name", f"{valid.name} stands on line {seen[valid.name]} already; keep one of the two lines"
        )
    seen[valid.name] = row.line
    differing = differences(old, valid)
    is_there = old is not None and (old.declared or old.containers_total > 0)
    if is_there and not differing:
        report.unchanged.append(valid.name)
        return
    (report.changed if is_there else report.added).append(_changed(row.line, valid, differing))
    if not report.dry_run:
        store(old, valid, by=by, now=now)


def _changed(line: int, valid: Valid, differing: Mapping[str, tuple[Any, Any]]) -> Changed:
    fields = {
        name: ("" if before is None else before, "" if after is None else after)
        for name, (before, after) in differing.items()
        if name != "name"
    }
    return Changed(line, valid.name, fields)


def _entry(values: Mapping[str, str], old: Service | None) -> Entry:
    """The line over what is stored: a column that is not there, or whose cell is empty, leaves it as it is."""
    stored = entry_of(old) if old is not None else Entry(name="")
    told: dict[str, str] = {}
    for name in FIELDS:
        cell = _cell(values.get(name, ""))
        told[name] = "" if cell == NOTHING else cell or str(getattr(stored, name))
    return Entry(name=_cell(values["name"]), **told)


def _cell(text: str) -> str:
    """Without the apostrophe that a download puts before what a spreadsheet would take for a formula."""
    return text[1:] if text.startswith(_FORMULA) else text
