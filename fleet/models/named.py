"""Finding things by a part of a name: few matches by their keys, many by reading on until enough were found."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

#: Matches up to which their keys are asked for. Of a word that more things bear, a list soon finds a page's worth.
FEW: Final = 1000


def few_keys(*parts: models.QuerySet[Any]) -> list[int] | None:
    """Keys of what is in any of the parts, all of one kind; None when they are many.

    Each part by itself can be answered by an index, which the parts in one condition cannot, least of all across
    tables. UNION ALL with a limit stops when it has enough; with a limit for each part PostgreSQL knows that it will,
    and sets no helpers to work on all of them.
    """
    rows = [part.order_by().values_list("pk", flat=True) for part in parts]
    if connection.features.supports_slicing_ordering_in_compound:
        rows = [one[: FEW + 1] for one in rows]
    first, *others = rows
    found = list(first.union(*others, all=True)[: FEW + 1] if others else first[: FEW + 1])
    return None if len(found) > FEW else sorted(set(found))


def first_keys(keys: models.QuerySet[Any, int], most: int) -> list[int]:
    """One more than so many of them, if there are."""
    return list(keys[: most + 1])


def narrowed(rows: Rows, keys: list[int] | None, *, name: str = "pk", many: Callable[[], models.Q]) -> Rows:
    """Rows whose `name` is one of the keys, or that `many` describes when these are too many to be named."""
    return rows.filter(many() if keys is None else among(name, keys))


def among(name: str, keys: Collection[int]) -> models.Q:
    """`name__in` of keys, which Django would look over one by one, several times: of a thousand that is 20 ms."""
    return models.Q(**{f"{name}__among": Keys(tuple(keys))})


@dataclass(frozen=True, slots=True)
class Keys:
    """Not a list to Django."""

    values: tuple[int, ...]


class KeysOf(models.Aggregate):
    """The values of a column of keys, as a list."""

    function = "ARRAY_AGG"
    output_field = models.TextField()  # as which both databases leave it alone; `convert_value` reads it

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **more)

    @property
    def convert_value(self) -> Callable[..., list[int]]:
        return lambda value, *_: json.loads(value) if isinstance(value, str) else value or []


@models.ForeignObject.register_lookup
@models.Field.register_lookup
class Among(models.Lookup):
    """One of the keys, which go to the database as one value."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        keys: tuple[int, ...] = self.rhs.values
        if not keys:
            raise EmptyResultSet
        left, values = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            # Of the column's own type, or PostgreSQL goes through all of them for each row.
            return f"{left} = ANY(%s::bigint[])", (*values, list(keys))
        return f"{left} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(keys))  # noqa: S608 - a column
