"""All tables together: the shipped ones, and those that an admin loaded over them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from fleet.tables.shapes import (
    SHAPES,
    Components,
    Datastores,
    Drivers,
    Ports,
    Systems,
    Table,
    Vulnerabilities,
    faults,
)

NAMES = tuple(SHAPES)
#: Older than this, a table is shown as stale and what rests on it counts half.
FRESH_DAYS = 35
#: Older than this, it is no evidence any more.
USABLE_DAYS = 365


class TableError(Exception):
    """The data is no such table; the sentence names the entry and what was wanted there."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """Every table; `version` is equal exactly when all their contents are."""

    systems: Systems
    components: Components
    vulnerabilities: Vulnerabilities
    datastores: Datastores
    ports: Ports
    drivers: Drivers

    @staticmethod
    @cache
    def shipped() -> Tables:
        """Those that came with this version of Loadline."""
        return Tables(**{name: read_table(name, _shipped(name)) for name in NAMES})  # type: ignore[arg-type]

    def replaced(self, tables: Mapping[str, Table]) -> Tables:
        return msgspec.structs.replace(self, **tables)

    def table(self, name: str) -> Table:
        table: Table = getattr(self, name)
        return table

    @property
    def version(self) -> str:
        return _digest(self)

    def stale(self, today: date) -> dict[str, int]:
        """Days of age by name, of those that are older than they should be."""
        ages = {name: self.table(name).age(today) for name in NAMES}
        return {name: age for name, age in ages.items() if age > FRESH_DAYS}

    def freshness(self, name: str, today: date) -> float | None:
        """1.0 for a table of today, 0.5 for one older than it should be, None for one that is no evidence any more."""
        age = self.table(name).age(today)
        return None if age > USABLE_DAYS else 0.5 if age > FRESH_DAYS else 1.0


_digests: dict[int, tuple[Tables, str]] = {}


def _digest(tables: Tables) -> str:
    """Worked out once for each object: there are hardly ever two in a process."""
    known = _digests.get(id(tables))
    if known is None or known[0] is not tables:
        _digests.clear()
        encoded = msgspec.json.encode(msgspec.to_builtins(tables, str_keys=True), order="deterministic")
        known = _digests[id(tables)] = (tables, hashlib.sha256(encoded).hexdigest()[:16])
    return known[1]


def read_table(name: str, data: Any) -> Table:
    """The table of that name that plain data describe. Raises TableError."""
    shape = SHAPES.get(name)
    if shape is None:
        raise TableError(f"No table is called {name}; there are {', '.join(NAMES)}.")
    try:
        table = msgspec.convert(data, shape, strict=False)
    except msgspec.ValidationError as error:
        raise TableError(f"{name}: {str(error).replace('`$.', '`')}") from error
    if table.name != name:
        raise TableError(f"{name}: the data say that they are the table {table.name}.")
    wrong = next(iter(faults(table)), None)
    if wrong:
        raise TableError(f"{name}: {wrong}")
    return table


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema of that table's file. Raises TableError."""
    if name not in SHAPES:
        raise TableError(f"No table is called {name}; there are {', '.join(NAMES)}.")
    return msgspec.json.schema(SHAPES[name])


def _shipped(name: str) -> Any:
    return msgspec.json.decode(files("fleet.tables").joinpath("data", f"{name}.json").read_bytes())
