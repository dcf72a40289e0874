"""Rows of some hosts that their sweeps may have to write."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from fleet.models.reading import NO_TEXTS, read_rows
from fleet.models.seen import Seen
from fleet.models.unwritten import Unwritten
from fleet.models.writing import insert_new

Row = TypeVar("Row", bound=Seen)


def known_rows(
    model: type[Row],
    present: Mapping[int, Collection[str]],
    *,
    defer: Collection[str] = (),
    texts: Mapping[str, str] = NO_TEXTS,
) -> dict[int, dict[str, Row]]:
    """Rows that are there or come back, by the host's key and by id; two queries at most, however many hosts.

    `present` holds by the host's key the ids that are there now. What went is kept for months and may be a thousand
    times as much. `defer` and `texts` are as in fleet.models.reading.
    """
    rows = model._default_manager.order_by()  # noqa: SLF001 - the name that all models share
    found: dict[int, dict[str, Row]] = {host: {} for host in present}
    if not found:
        return found
    for row in read_rows(rows.filter(gone_at__isnull=True, host__in=found), defer=defer, texts=texts):
        found[row.host_id][row.engine_id] = row
    unknown = {host: [one for one in ids if one not in found[host]] for host, ids in present.items()}
    for host, back in rows_with_ids(model, unknown, defer=defer, texts=texts).items():
        found[host] |= back
    return found


def rows_with_ids(
    model: type[Row],
    wanted: Mapping[int, Collection[str]],
    *,
    defer: Collection[str] = (),
    texts: Mapping[str, str] = NO_TEXTS,
) -> dict[int, dict[str, Row]]:
    """Rows with the ids that are `wanted` of each host, there or not, as `known_rows` has them; one query at most."""
    found: dict[int, dict[str, Row]] = {host: {} for host in wanted}
    pairs = {(host, one) for host, ids in wanted.items() for one in ids}
    if pairs:
        hosts, ids = {host for host, _ in pairs}, {one for _, one in pairs}
        rows = model._default_manager.order_by().filter(host__in=hosts, engine_id__in=ids)  # noqa: SLF001 - as above
        for row in read_rows(rows, defer=defer, texts=texts):
            if (row.host_id, row.engine_id) in pairs:
                found[row.host_id][row.engine_id] = row
    return found


def insert(rows: Sequence[Seen], unwritten: Unwritten) -> None:
    """Inserts new rows of one kind, or has them inserted in the end; they know their keys then, so that nobody has to
    read them again.
    """
    if not rows:
        return
    if unwritten.keeps(type(rows[0])):
        unwritten.insert(rows)
        return
    insert_new(rows)
    hosts, ids = {row.host_id for row in rows}, {row.engine_id for row in rows}
    chosen = type(rows[0])._default_manager.filter(host__in=hosts, engine_id__in=ids)  # noqa: SLF001
    keys = {(host, one): pk for host, one, pk in chosen.order_by().values_list("host_id", "engine_id", "pk")}
    for row in rows:
        row.pk, row._state.adding = keys[row.host_id, row.engine_id], False  # noqa: SLF001 - as Django's own bulk_create
