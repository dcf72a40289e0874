"""Rows of one host that a sweep may have to write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, TypeVar

from fleet.models import Host
from fleet.models.seen import Seen
from fleet.models.writing import insert_new

Row = TypeVar("Row", bound=Seen)
#: A statement with more ids in it than that takes longer than two with fewer.
_MOST_NAMED: Final = 200


def known_rows(
    model: type[Row], host: Host, present: Collection[str], *, without: Collection[str] = ()
) -> dict[str, Row]:
    """Rows that are there or come back, by id. What went is kept for months and may be a thousand times as much."""
    of_host = model._default_manager.filter(host=host)  # noqa: SLF001 - the name that all models share
    there = of_host.filter(gone_at__isnull=True).order_by()
    if 0 < len(without) <= _MOST_NAMED:
        there = there.exclude(engine_id__in=without)
    elif without:
        wanted = [pk for pk, engine_id in there.values_list("pk", "engine_id") if engine_id not in without]
        there = of_host.filter(pk__in=wanted) if wanted else of_host.none()
    rows = {row.engine_id: row for row in there}
    unknown = [engine_id for engine_id in present if engine_id not in rows]
    if unknown:
        rows |= {row.engine_id: row for row in of_host.filter(engine_id__in=unknown)}
    return rows


def insert(rows: Sequence[Seen], host: Host) -> None:
    """Inserts new rows of one kind on the host; they know their keys then, so that nobody has to read them again."""
    if not rows:
        return
    insert_new(rows)
    chosen = type(rows[0])._default_manager.filter(host=host, engine_id__in=[row.engine_id for row in rows])  # noqa: SLF001
    keys = dict(chosen.order_by().values_list("engine_id", "pk"))
    for row in rows:
        row.pk, row._state.adding = keys[row.engine_id], False  # noqa: SLF001 - as Django's own bulk_create
