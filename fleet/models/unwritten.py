"""Rows of one transaction, each written once, at its end.

What a sweep sees of a container and what is then judged of it stand in one row, which is several pages long and has
many indexes: written twice it costs the database twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db import connections, models, router

from fleet.models.writing import insert_new, save_fields

Row = TypeVar("Row", bound=models.Model)


class Unwritten:
    """What is to be written is told as it comes up, and `write` writes it. Until then the database knows nothing of it:
    whoever asks it for such rows meanwhile has to look here, too.
    """

    def __init__(self) -> None:
        self._new: dict[type[models.Model], list[models.Model]] = {}
        # By what tells instances apart, since two rows that are equal may hold different things.
        self._are_new: set[int] = set()
        self._changed: dict[int, tuple[models.Model, tuple[str, ...]]] = {}

    @staticmethod
    def keeps(model: type[models.Model]) -> bool:
        """Whether new rows of it can wait: their keys have to be known before they are there."""
        return connections[router.db_for_write(model)].vendor == "postgresql"

    def insert(self, rows: Sequence[models.Model]) -> None:
        """New rows of one model, which get their keys now. Only where `keeps` says so."""
        if rows:
            model = type(rows[0])
            for row, key in zip(rows, _keys(model, len(rows)), strict=True):
                row.pk, row._state.adding = key, False  # noqa: SLF001 - as Django's own bulk_create
            self._new.setdefault(model, []).extend(rows)
            self._are_new.update(map(id, rows))

    def save(self, rows: Iterable[models.Model], names: Sequence[str]) -> None:
        """As bulk_update. What else is to be written of the same instances is written along."""
        for row in rows:
            if names and id(row) not in self._are_new:
                _, known = self._changed.get(id(row), (row, ()))
                self._changed[id(row)] = row, (*known, *(name for name in names if name not in known))

    def of(self, model: type[Row]) -> list[Row]:
        """Rows that the database does not know, or not as they are."""
        changed = (row for row, _ in self._changed.values())
        return [row for row in (*self._new.get(model, ()), *changed) if isinstance(row, model)]

    def write(self) -> None:
        """One statement for all new rows of a model, and one for all of which the same fields are to be written."""
        for rows in self._new.values():
            insert_new(rows, keyed=True)
        alike: dict[tuple[type[models.Model], tuple[str, ...]], list[models.Model]] = {}
        for row, names in self._changed.values():
            alike.setdefault((type(row), names), []).append(row)
        for (_, names), some in alike.items():
            save_fields(some, names)
        self._new, self._are_new, self._changed = {}, set(), {}


def _keys(model: type[models.Model], number: int) -> list[int]:
    """The next ones of the table's own sequence."""
    key, table = model._meta.pk.column, model._meta.db_table  # noqa: SLF001 - Django's documented model API
    connection = connections[router.db_for_write(model)]
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(table)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [quoted, key, number]
        )
        return [found for (found,) in cursor.fetchall()]
