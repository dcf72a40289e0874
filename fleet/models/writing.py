"""Many rows written at once, for what sweeps write by the thousand.

Django's bulk_create and bulk_update make an instance of every row and an expression of every value, which costs ten
times what the database takes to store it. Here rows are tuples, each column is prepared by its model's own field, and
what is written in the end is the same. Nothing calls `save` or sends signals, as with Django's own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import Any, Final

import msgspec
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models, router, transaction

from fleet.models.fields import JsonField

Row = Sequence[Any]
Column = Sequence[Any]

#: Rows of one statement; with thirty columns still far below what either database takes.
BATCH: Final = 1000
#: Types that fields of their kind give to the database as they are.
_PLAIN: Final = (
    (models.ForeignKey, {int, type(None)}),
    (models.BooleanField, {bool, type(None)}),
    (models.IntegerField, {int, type(None)}),
    (models.CharField, {str, type(None)}),
    (models.TextField, {str, type(None)}),
)  # fmt: skip


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Every field besides the key has to be named, so that no default is forgotten."""
    fields = _fields(model, names)
    missing = {field.name for field in model._meta.concrete_fields if not field.primary_key}  # noqa: SLF001
    if missing := missing - {field.name for field in fields}:
        raise ValueError(f"{model.__name__} rows need {', '.join(sorted(missing))} as well")
    with _Writer(model) as writer:
        for columns in writer.prepared(fields, rows):
            writer.insert(fields, columns)


def upsert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Row], *, unique: Sequence[str]) -> None:
    """Inserts, and where a row with the same `unique` is there already it takes all other values."""
    fields = _fields(model, names)
    with _Writer(model) as writer:
        for columns in writer.prepared(fields, rows):
            writer.insert(fields, columns, unique={field.name for field in _fields(model, unique)})


def update_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Each row is its key and then the values; a key that is not there is passed over."""
    fields = _fields(model, names)
    key = model._meta.pk  # noqa: SLF001 - Django's documented model API
    if any(field.primary_key for field in fields):
        raise ValueError("a key is not updated")
    with _Writer(model) as writer:
        for columns in writer.prepared([key, *fields], rows):
            writer.update(key, fields, columns)


def insert_new(rows: Sequence[models.Model], *, keyed: bool = False) -> None:
    """As bulk_create, of instances of one model, which do not get to know their keys; or which, `keyed`, have them."""
    if rows:
        model = type(rows[0])
        fields = [field for field in model._meta.concrete_fields if keyed or not field.primary_key]  # noqa: SLF001
        told = ([getattr(row, field.attname) for field in fields] for row in rows)
        insert_rows(model, [field.name for field in fields], told)


def save_fields(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """As bulk_update, of instances of one model."""
    if rows:
        model = type(rows[0])
        attributes = [field.attname for field in _fields(model, names)]
        update_rows(model, names, ((row.pk, *(getattr(row, name) for name in attributes)) for row in rows))


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field[Any, Any]]:
    fields = [model._meta.get_field(name) for name in names]  # noqa: SLF001 - Django's documented model API
    for field in fields:
        if not isinstance(field, models.Field) or not field.concrete:
            raise FieldDoesNotExist(f"{model.__name__}.{field.name} has no column")
    return fields  # type: ignore[return-value]  # checked just now


class _Writer:
    """One transaction's statements on one table."""

    def __init__(self, model: type[models.Model]) -> None:
        self._connection: Any = connections[router.db_for_write(model)]
        self._table = self._quoted(model._meta.db_table)  # noqa: SLF001 - Django's documented model API
        self._on_postgres = self._connection.vendor == "postgresql"
        self._transaction = transaction.atomic(using=self._connection.alias, savepoint=False)

    def __enter__(self) -> _Writer:
        self._transaction.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._transaction.__exit__(*raised)

    def prepared(self, fields: Sequence[models.Field[Any, Any]], rows: Iterable[Row]) -> Iterator[list[Column]]:
        """The rows some at a time, turned into columns as the database takes them."""
        kept = rows if isinstance(rows, list) else list(rows)
        for start in range(0, len(kept), BATCH):
            part = kept[start : start + BATCH]
            if any(len(row) != len(fields) for row in part):
                raise ValueError("each row needs a value for each field")
            columns = zip(fields, zip(*part, strict=True), strict=True)
            yield [_prepared(field, column, self._connection) for field, column in columns]

    def insert(
        self, fields: Sequence[models.Field[Any, Any]], columns: Sequence[Column], *, unique: set[str] | None = None
    ) -> None:
        names = ", ".join(self._quoted(field.column) for field in fields)
        if unique is None and self._on_postgres:
            self._copy(names, columns)
            return
        ending = ""
        if unique is not None:
            key = ", ".join(self._quoted(field.column) for field in fields if field.name in unique)
            taken = [self._quoted(field.column) for field in fields if field.name not in unique]
            ending = f" ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{name} = EXCLUDED.{name}" for name in taken)
        row = f"({', '.join(['%s'] * len(fields))})"
        beginning = f"INSERT INTO {self._table} ({names}) VALUES "  # noqa: S608 - names of the model's own columns
        self._run(beginning, row, ending, list(zip(*columns, strict=True)))

    def update(
        self, key: models.Field[Any, Any], fields: Sequence[models.Field[Any, Any]], columns: Sequence[Column]
    ) -> None:
        names, place = [self._quoted(field.column) for field in fields], self._quoted(key.column)
        if self._on_postgres:
            # Values of a list have no type until they are told one.
            values = zip(names, fields, strict=True)
            told = ", ".join(f"{name} = told.{name}::{self._type(field)}" for name, field in values)
            ending = f") AS told ({', '.join((place, *names))}) WHERE {self._table}.{place} = told.{place}"
            row = f"({', '.join(['%s'] * (len(fields) + 1))})"
            beginning = f"UPDATE {self._table} SET {told} FROM (VALUES "  # noqa: S608 - the same
            self._run(beginning, row, ending, list(zip(*columns, strict=True)))
            return
        told = ", ".join(f"{name} = %s" for name in names)
        sql = f"UPDATE {self._table} SET {told} WHERE {place} = %s"  # noqa: S608 - the same
        self._run(sql, "", "", list(zip(*columns[1:], columns[0], strict=True)))

    def _run(self, beginning: str, row: str, ending: str, rows: list[tuple[Any, ...]]) -> None:
        """SQLite is given a statement once and then row for row; PostgreSQL all rows in one go, as it is elsewhere."""
        with self._connection.cursor() as cursor:
            if self._on_postgres:
                values = ", ".join([row] * len(rows))
                cursor.execute(f"{beginning}{values}{ending}", [value for one in rows for value in one])
            elif len(rows) == 1:
                cursor.execute(f"{beginning}{row}{ending}", rows[0])
            else:
                cursor.executemany(f"{beginning}{row}{ending}", rows)

    def _copy(self, names: str, columns: Sequence[Column]) -> None:
        """COPY, which costs PostgreSQL half of what INSERT does, and this process a fifth."""
        told = zip(*map(_as_text, columns), strict=True)
        text = io.StringIO("\n".join(["\t".join(row) for row in told]) + "\n")
        sql = f"COPY {self._table} ({names}) FROM STDIN"
        self._connection.validate_no_broken_transaction()
        with self._connection.cursor() as cursor, self._logged(cursor, sql), self._connection.wrap_database_errors:
            cursor.cursor.copy_expert(sql, text)

    def _logged(self, cursor: Any, sql: str) -> AbstractContextManager[Any]:
        """Django logs what goes through its own `execute`, which COPY cannot."""
        return cursor.debug_sql(sql) if self._connection.queries_logged else nullcontext()

    def _quoted(self, name: str | None) -> str:
        return str(self._connection.ops.quote_name(name))

    def _type(self, field: models.Field[Any, Any]) -> str:
        """Texts without their length: a cast to it would cut off what is too long, and not refuse it."""
        if isinstance(field, models.CharField | models.TextField):
            return "text"
        return str(field.rel_db_type(self._connection) if field.primary_key else field.db_type(self._connection))


def _prepared(field: models.Field[Any, Any], column: Column, connection: Any) -> Column:
    """What `field.get_db_prep_save` makes of each value, without asking it where the answer is known."""
    types = set(map(type, column))
    for kind, plain in _PLAIN:
        if isinstance(field, kind) and types <= plain:
            return column
    if isinstance(field, models.JSONField) and field.encoder is None:
        finite = isinstance(field, JsonField) and field.finite
        return [None if value is None else _json(value, finite=finite) for value in column]
    if any(hasattr(value, "resolve_expression") for value in column):
        raise TypeError(f"{field.name} takes values and no expressions")
    if types <= {datetime, type(None)}:
        known = {value: field.get_db_prep_save(value, connection) for value in set(column)}
        return [known[value] for value in column]
    return [field.get_db_prep_save(value, connection) for value in column]


def _json(value: Any, *, finite: bool) -> str:
    """The value as JSON; a JSON null is asked for as everywhere in Django, with `Value(None, JSONField())`."""
    if isinstance(value, models.Value):
        value = value.value
    elif hasattr(value, "resolve_expression"):
        raise TypeError("JSON takes values and no expressions")
    try:
        text = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return json.dumps(value)  # half a surrogate pair, and numbers beyond 64 bits
    # What is no number becomes null, which Python's own writer leaves to the database to refuse.
    return json.dumps(value) if b"null" in text and not finite else text.decode()


_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


#: Kinds of values that are equal to one of another kind, such as 1 and True, and are written otherwise.
_ALIKE: Final = {bool, int, float}


def _as_text(column: Column) -> list[str]:
    """A column as COPY reads it; what is the same is written once."""
    types = set(map(type, column))
    if len(types & _ALIKE) > 1:
        return [_one_as_text(value) for value in column]
    if types == {int}:
        return list(map(str, column))
    known = {value: _one_as_text(value) for value in set(column)}
    return [known[value] for value in column]


def _one_as_text(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, bool | int | float | date):
        return str(value)
    raise TypeError(f"no column that is written this way holds a {type(value).__name__}")


def _escaped(value: str) -> str:
    if "\0" in value:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")  # as psycopg2 has it
    plain = "\\" not in value and "\n" not in value and "\t" not in value and "\r" not in value
    return value if plain else value.translate(_ESCAPED)
