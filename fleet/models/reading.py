"""Many rows read at once as instances, for what sweeps read by the thousand.

Django makes an instance by setting each of forty fields through its descriptor, and sends two signals. Here the values
go where those descriptors would put them; the instances are the same, and a deferred field is read when it is asked
for, as with Django's own. Related objects are not read along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)

NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})


def read_rows(
    chosen: models.QuerySet[Row], *, defer: Collection[str] = (), texts: Mapping[str, str] = NO_TEXTS
) -> Iterator[Row]:
    """The rows of a query that neither defers, annotates nor selects related ones, in its order; without the fields
    whose names are in `defer`. What a JSON field in `texts` holds is there by the name that this says, as text, for
    whoever makes something better of it than plain data.
    """
    model, alias = chosen.model, chosen.db
    left = {*defer, *texts}
    fields = [field for field in model._meta.concrete_fields if field.name not in left]  # noqa: SLF001 - documented
    names = [field.attname for field in fields]
    as_text = [models.ExpressionWrapper(models.F(name), output_field=models.TextField()) for name in texts]
    names_and_texts = (*names, *texts.values())
    for values in chosen.values_list(*names, *as_text):
        yield bare(model, zip(names_and_texts, values, strict=True), alias=alias, adding=False)


def bare(model: type[Row], values: Iterable[tuple[str, Any]], *, alias: str | None, adding: bool) -> Row:
    """An instance not by its constructor, which goes through all fields; `values` are all that it has, by attname."""
    row, state = model.__new__(model), ModelState()
    state.adding, state.db = adding, alias
    row.__dict__.update(values, _state=state)
    return row


def fill(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Reads these fields of those of one model that were read without them; one query at most."""
    lacking = {row.pk: row for row in rows if not row.__dict__.keys() >= set(names)}
    if lacking:
        every = type(rows[0])._default_manager  # noqa: SLF001 - the name that all models share
        for pk, *values in every.filter(pk__in=lacking).order_by().values_list("pk", *names):
            for name, value in zip(names, values, strict=True):
                lacking[pk].__dict__.setdefault(name, value)
