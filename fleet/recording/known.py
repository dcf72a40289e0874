"""Rows of one host that a sweep may have to write."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from fleet.models import Host
from fleet.models.seen import Seen

Row = TypeVar("Row", bound=Seen)


def known_rows(
    model: type[Row], host: Host, present: Collection[str], *, without: Collection[str] = ()
) -> dict[str, Row]:
    """Rows that are there or come back, by id. What went is kept for months and may be a thousand times as much."""
    of_host = model._default_manager.filter(host=host)  # noqa: SLF001 - the name that all models share
    there = of_host.filter(gone_at__isnull=True).order_by()
    if without:
        wanted = [pk for pk, engine_id in there.values_list("pk", "engine_id") if engine_id not in without]
        there = of_host.filter(pk__in=wanted) if wanted else of_host.none()
    rows = {row.engine_id: row for row in there}
    unknown = [engine_id for engine_id in present if engine_id not in rows]
    if unknown:
        rows |= {row.engine_id: row for row in of_host.filter(engine_id__in=unknown)}
    return rows
