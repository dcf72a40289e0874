"""All tables together: the shipped ones, and those that an admin loaded over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, get_args, get_origin

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
#: Older than this, a table is shown as stale: it ought to be read anew as often.
STALE_DAYS = 35
#: Older than three of its intervals, as with every other source, what rests on it counts half.
FRESH_DAYS = 3 * STALE_DAYS
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
        return {name: age for name, age in ages.items() if age > STALE_DAYS}

    def freshness(self, name: str, today: date) -> float | None:
        """1.0 up to three intervals of age, then 0.5; None for a table that is no evidence any more."""
        age = self.table(name).age(today)
        return None if age > USABLE_DAYS else 0.5 if age > FRESH_DAYS else 1.0


_digests: dict[int, tuple[Tables, str]] = {}


def _digest(tables: Tables) -> str:
    """Worked out once for each object: there are hardly ever two in a process."""
    known = _digests.get(id(tables))
    if known is None or known[0] is not tables:
        _digests.clear()
        # Ordered while sets are still sets: as lists they have another order in every process.
        plain = msgspec.to_builtins(tables, str_keys=True, order="deterministic")
        encoded = msgspec.json.encode(plain, order="deterministic")
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
        what, _, _ = str(error).partition(" - at ")
        raise TableError(f"{name}: {_place(shape, data).lstrip('.') or 'the whole file'}: {what}") from error
    if table.name != name:
        raise TableError(f"{name}: the data say that they are the table {table.name}.")
    wrong = next(iter(faults(table)), None)
    if wrong:
        raise TableError(f"{name}: {wrong}")
    return table


def _place(kind: Any, data: Any) -> str:
    """The path to what is wrong, with the names of entries: msgspec's own errors leave those out."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    for step, part, inner in _parts(kind, data):
        try:
            msgspec.convert(part, inner, strict=False)
        except msgspec.ValidationError:
            return step + _place(inner, part)
    return ""


def _parts(kind: Any, data: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each part of the data, with its step in the path and what it should be."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(data, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            if field.encode_name in data:
                yield f".{field.encode_name}", data[field.encode_name], field.type
    elif isinstance(data, dict) and origin is dict:
        for key, value in data.items():
            yield f".{key}", key, inner[0]
            yield f".{key}", value, inner[1]
    elif isinstance(data, list | tuple) and origin is tuple:
        for number, value in enumerate(data):
            yield f"[{number}]", value, inner[0]


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema of that table's file. Raises TableError."""
    if name not in SHAPES:
        raise TableError(f"No table is called {name}; there are {', '.join(NAMES)}.")
    return msgspec.json.schema(SHAPES[name])


def _shipped(name: str) -> Any:
    return msgspec.json.decode(files("fleet.tables").joinpath("data", f"{name}.json").read_bytes())
