"""The reference tables in force: the shipped ones, with those that an admin loaded in their place."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fleet.models import ReferenceTable
from fleet.tables import TableError, Tables, read_table
from fleet.tables.shapes import Table

logger = logging.getLogger(__name__)

#: The tables last put together, with what they were made of: reading and checking them takes longer than judging.
_kept: dict[str, tuple[object, Tables]] = {}


def current_tables() -> Tables:
    """One query. A loaded table that this version cannot read is left out and logged; the shipped one stands then."""
    stamps = tuple(ReferenceTable.objects.order_by("name").values_list("name", "loaded_at"))
    if not stamps:
        return Tables.shipped()
    known = _kept.get("tables")
    if known is None or known[0] != stamps:
        known = _kept["tables"] = (stamps, Tables.shipped().replaced(_loaded()))
    return known[1]


def _loaded() -> Mapping[str, Table]:
    found: dict[str, Table] = {}
    for row in ReferenceTable.objects.all():
        try:
            found[row.name] = read_table(row.name, row.data)
        except TableError as error:
            logger.error("the loaded table is left out: %s", error)
    return found


def stale_tables(now: datetime) -> dict[str, int]:
    """Days of age by name, of the tables in force that ought to be read anew."""
    return current_tables().stale(now.date())


def load_table(data: Any, *, by: str, now: datetime, force: bool = False) -> Table:
    """Puts the table in force that a file's data describe, by its own name. Raises TableError.

    One that is older than the table in force is refused unless `force` is given.
    """
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise TableError("The file is no table: it has no `name`.")
    table = read_table(name, data)
    if table.as_of > now.date():
        raise TableError(f"{name}: of {table.as_of}, a day that has not come yet.")
    before = current_tables().table(name)
    if table.as_of < before.as_of and not force:
        raise TableError(f"{name}: of {table.as_of}, older than the one in force, which is of {before.as_of}.")
    ReferenceTable.objects.update_or_create(
        name=name, defaults={"as_of": table.as_of, "data": data, "loaded_at": now, "loaded_by": by[:150]}
    )
    return table


def reset_table(name: str) -> bool:
    """Goes back to the shipped one; false when none was loaded."""
    return ReferenceTable.objects.filter(name=name).delete()[0] > 0


def loaded_by() -> dict[str, str]:
    """By name of each loaded table that is in force, who loaded it."""
    whom = dict(ReferenceTable.objects.values_list("name", "loaded_by"))
    return {name: whom.get(name, "") for name in _loaded()} if whom else {}
