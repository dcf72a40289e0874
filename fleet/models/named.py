"""Finding things by a part of a name: few matches by their keys, many by reading on until enough were found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db import models

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

#: Matches up to which their keys are asked for. Of a word that more things bear, a list soon finds a page's worth.
FEW: Final = 1000


def few_keys(*parts: models.QuerySet[Any]) -> list[int] | None:
    """Keys of what is in any of the parts, all of one kind; None when they are many.

    Each part by itself can be answered by an index, which the parts in one condition cannot, least of all across
    tables. UNION ALL with a limit stops when it has enough.
    """
    first, *others = [part.order_by().values_list("pk", flat=True) for part in parts]
    found = list((first.union(*others, all=True) if others else first)[: FEW + 1])
    return None if len(found) > FEW else sorted(set(found))


def narrowed(rows: Rows, keys: list[int] | None, *, name: str = "pk", many: Callable[[], models.Q]) -> Rows:
    """Rows whose `name` is one of the keys, or that `many` describes when these are too many to be named."""
    return rows.filter(many() if keys is None else models.Q(**{f"{name}__in": keys}))
