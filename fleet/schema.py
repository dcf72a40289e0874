"""Operations of migrations, and a way to run them, that leave a big table to everybody else meanwhile.

PostgreSQL gives an ordinary CREATE INDEX a lock against every writer for as long as it reads the table, and whoever
waits for a lock has everybody behind it wait as well. So indexes are made and dropped CONCURRENTLY, checks are added
without looking at old rows and validated afterwards, and what has to lock a table for a moment gives up after two
seconds and comes back. SQLite has one writer whatever is done, and does it plainly. docs/migrations.md has the rules.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError, OperationalError, models, transaction
from django.db.migrations.operations import AddConstraint, AddIndex, AlterField, RemoveIndex
from django.db.migrations.operations.base import Operation

logger = logging.getLogger(__name__)

#: Nobody waits longer than this behind a migration that waits for a lock itself.
LOCK_TIMEOUT: Final = "2s"
TRIES: Final = 30
#: Seconds between two tries, at least and at most; in them everybody who queued up has their turn.
PAUSE: Final = (1.0, 4.0)
_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"  # SQLSTATE


def patiently(
    work: Callable[[], object],
    connection: Any,
    *,
    on_retry: Callable[[str], object] = lambda _: None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Does the work, waiting for no lock longer than LOCK_TIMEOUT; what had to be given up is begun again.

    The work has to be one that can be: what it had finished it must not do twice. The last failure is raised.
    """
    if connection.vendor != "postgresql":
        work()
        return
    for tries_left in reversed(range(TRIES)):
        with _lock_timeout(connection, LOCK_TIMEOUT):
            try:
                work()
            except OperationalError as error:
                if not tries_left or getattr(error.__cause__, "pgcode", None) not in {_NOT_AVAILABLE, _DEADLOCK}:
                    raise
                on_retry(str(error).partition("\n")[0])
            else:
                return
        sleep(random.uniform(*PAUSE))  # noqa: S311 - spreading load, no secret


@contextmanager
def _lock_timeout(connection: Any, limit: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])
    try:
        yield
    finally:
        # A transaction that failed has undone the setting already, and takes no other statement before it ends.
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


class Online(Operation):
    """What may touch a big table while it is in use. Outside a transaction, and again if it was interrupted."""

    atomic = False

    @contextmanager
    def _waiting_freely(self, schema_editor: Any) -> Iterator[None]:
        """CONCURRENTLY waits for transactions that are older than it; in its lock's queue it is in nobody's way."""
        if schema_editor.connection.in_atomic_block:
            raise RuntimeError(f"{type(self).__name__} needs `atomic = False` on its migration")
        with _lock_timeout(schema_editor.connection, "0"):
            yield

    def _make(self, schema_editor: Any, model: type[models.Model], name: str, sql: Any) -> None:
        """An index that an earlier try left half-built is dropped first; one that it finished is kept."""
        if not _on_postgresql(schema_editor):
            schema_editor.execute(str(sql).replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1), params=None)
            return
        state = _state_of_index(schema_editor, model, name)
        if state == "invalid":
            self._drop(schema_editor, name)
        if state != "valid":
            with self._waiting_freely(schema_editor):
                schema_editor.execute(sql, params=None)

    def _drop(self, schema_editor: Any, name: str) -> None:
        if not _on_postgresql(schema_editor):
            schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(name)}")
            return
        with self._waiting_freely(schema_editor):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")


def _state_of_index(schema_editor: Any, model: type[models.Model], name: str) -> str:
    """`valid`, `invalid` or empty when there is none."""
    told = "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass"
    table = schema_editor.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented model API
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"{told} AND c.relname = %s", [table, name])
        found = cursor.fetchone()
    return "" if found is None else "valid" if found[0] else "invalid"


def _on_postgresql(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")


def _concurrently(schema_editor: Any) -> dict[str, Any]:
    """What only PostgreSQL's `create_sql` takes."""
    return {"concurrently": True} if _on_postgresql(schema_editor) else {}


class AddIndexOnline(Online, AddIndex):
    """CREATE INDEX CONCURRENTLY."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        sql = self.index.create_sql(model, schema_editor, **_concurrently(schema_editor))
        self._make(schema_editor, model, self.index.name, sql)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._drop(schema_editor, self.index.name)


class RemoveIndexOnline(Online, RemoveIndex):
    """DROP INDEX CONCURRENTLY."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._drop(schema_editor, self.name)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        sql = index.create_sql(model, schema_editor, **_concurrently(schema_editor))
        self._make(schema_editor, model, self.name, sql)


class DropOwnIndexOnline(Online, AlterField):
    """A field that loses the index of its own (`db_index=False`), and nothing else. Not for texts, which have two."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for name in self._own(schema_editor, from_state.apps.get_model(app_label, self.model_name)):
            self._drop(schema_editor, name)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self._own(schema_editor, model):
            return
        field = model._meta.get_field(self.name)  # noqa: SLF001 - Django's documented model API
        words = _concurrently(schema_editor)
        sql = schema_editor._create_index_sql(model, fields=[field], **words)  # noqa: SLF001 - as AlterField does
        self._make(schema_editor, model, str(sql.parts["name"]).strip('"'), sql)

    def _own(self, schema_editor: Any, model: type[models.Model]) -> list[str]:
        """Indexes of this column alone that no `Meta` names."""
        options = model._meta  # noqa: SLF001 - Django's documented model API
        named = {index.name for index in options.indexes} | {one.name for one in options.constraints}
        column = options.get_field(self.name).column  # type: ignore[union-attr]  # a field that has one
        found = schema_editor._constraint_names(model, [column], index=True, unique=False, exclude=named)  # noqa: SLF001
        return list(found)


class AddCheckOnline(Online, AddConstraint):
    """ADD CONSTRAINT … NOT VALID, which locks for a moment, and VALIDATE, which reads the table beside everybody."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not _on_postgresql(schema_editor):
            # SQLite writes the table anew, and half of that would be the loss of it.
            with transaction.atomic(schema_editor.connection.alias):
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        if not isinstance(self.constraint, models.CheckConstraint):
            raise TypeError("AddCheckOnline adds checks alone")
        model = to_state.apps.get_model(app_label, self.model_name)
        table, name = (schema_editor.quote_name(one) for one in (model._meta.db_table, self.constraint.name))  # noqa: SLF001
        # What an earlier try added is taken away with it, in one statement and so in one lock.
        add = str(self.constraint.create_sql(model, schema_editor)).partition(" ADD ")[2]
        sql = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD {add} NOT VALID"
        schema_editor.execute(sql, params=None)
        with self._waiting_freely(schema_editor):
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with transaction.atomic(schema_editor.connection.alias):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class StoreParameters(Online):
    """How PostgreSQL keeps a table: room for new versions of a row, when it is vacuumed. Locks no reader or writer."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, parameters: dict[str, str | int | float]) -> None:
        self.model_name, self.parameters = model_name, parameters

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"model_name": self.model_name, "parameters": self.parameters}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that a model knows."""

    def describe(self) -> str:
        return f"Set storage parameters of {self.model_name}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        told = ", ".join(f"{name} = {value}" for name, value in self.parameters.items())
        self._set(schema_editor, to_state.apps.get_model(app_label, self.model_name), f"SET ({told})")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        self._set(schema_editor, model, f"RESET ({', '.join(self.parameters)})")

    def _set(self, schema_editor: Any, model: type[models.Model], words: str) -> None:
        if _on_postgresql(schema_editor):
            table = schema_editor.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented model API
            schema_editor.execute(f"ALTER TABLE {table} {words}")


class _OfColumns(Online):
    """Something about columns of a table that no model knows. It changes the catalogue; values that are there already
    stay as they are until they are written anew.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, columns: tuple[str, ...]) -> None:
        self.model_name, self.columns = model_name, columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"model_name": self.model_name, "columns": self.columns}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that a model knows."""

    def _set(self, schema_editor: Any, model: type[models.Model], words: str) -> None:
        quote = schema_editor.quote_name
        told = ", ".join(f"ALTER COLUMN {quote(name)} SET {words}" for name in self.columns)
        schema_editor.execute(f"ALTER TABLE {quote(model._meta.db_table)} {told}")  # noqa: SLF001 - documented


class KeepInRow(_OfColumns):
    """Columns whose values PostgreSQL leaves in the row while there are longer ones to be put apart: what is short and
    read of many rows, which else goes the way of the long ones.
    """

    def describe(self) -> str:
        return f"Keep {', '.join(self.columns)} in the rows of {self.model_name}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _on_postgresql(schema_editor):
            self._set(schema_editor, to_state.apps.get_model(app_label, self.model_name), "STORAGE MAIN")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _on_postgresql(schema_editor):
            self._set(schema_editor, to_state.apps.get_model(app_label, self.model_name), "STORAGE EXTENDED")


class CompressQuickly(_OfColumns):
    """Long columns that PostgreSQL compresses with lz4, where it was built with that, and not with its own pglz, which
    takes several times as long. Values are read either way.
    """

    def describe(self) -> str:
        return f"Compress {', '.join(self.columns)} of {self.model_name} with lz4"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _on_postgresql(schema_editor) and self._has_lz4(schema_editor):
            self._set(schema_editor, to_state.apps.get_model(app_label, self.model_name), "COMPRESSION lz4")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _on_postgresql(schema_editor) and self._has_lz4(schema_editor):
            self._set(schema_editor, to_state.apps.get_model(app_label, self.model_name), "COMPRESSION default")

    def _has_lz4(self, schema_editor: Any) -> bool:
        """PostgreSQL 13 has no such setting, and what was built without lz4 does not name it."""
        with schema_editor.connection.cursor() as cursor:
            named = "name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
            cursor.execute(f"SELECT 1 FROM pg_settings WHERE {named}")  # noqa: S608 - no value of anybody's
            return cursor.fetchone() is not None


class AddOwnWordsIndexOnline(Online):
    """An index that Django has no words for, on PostgreSQL alone: `words` are what follows the table's name.

    With `extension`, which need not be allowed everywhere, it is left out with a warning where that cannot be made.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, name: str, words: str, *, extension: str = "") -> None:
        self.model_name, self.name, self.words, self.extension = model_name, name, words, extension

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        told = {"model_name": self.model_name, "name": self.name, "words": self.words, "extension": self.extension}
        return type(self).__name__, [], told

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that a model knows."""

    def describe(self) -> str:
        return f"Create index {self.name} on {self.model_name}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not _on_postgresql(schema_editor) or (self.extension and not self._extended(schema_editor)):
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        table = schema_editor.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented model API
        sql = f"CREATE INDEX CONCURRENTLY {schema_editor.quote_name(self.name)} ON {table} {self.words}"
        self._make(schema_editor, model, self.name, sql)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _on_postgresql(schema_editor):
            self._drop(schema_editor, self.name)

    def _extended(self, schema_editor: Any) -> bool:
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                schema_editor.execute(f"CREATE EXTENSION IF NOT EXISTS {self.extension}")
        except DatabaseError as error:
            told = str(error).strip().splitlines()[0]
            logger.warning(
                "The extension %s may not be created here (%s); the index %s is left out. What it finds is"
                " found all the same, but not quickly in a big fleet. A superuser can create the extension; then"
                " migrate fleet back to the migration before this one, and again.",
                self.extension,
                told,
                self.name,
            )
            return False
        return True
