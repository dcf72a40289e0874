"""One statement to the database by its driver alone, for the scheduler.

Django's own layer loads every kind of field and lookup with it, some 20 MB for a process of 40 that sends names of
tasks; the drivers cost one to six.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from django.conf import settings

#: Whoever writes a sign of life has time, but not for ever.
SECONDS: Final = 10
#: What Django's layer takes for itself out of OPTIONS.
_NOT_THE_DRIVERS: Final = frozenset({"assume_role", "isolation_level", "pool", "server_side_binding"})


class PlainDatabaseError(Exception):
    """The statement was not carried out; the text names the kind of error and no address."""


def execute(statement: str, values: Sequence[Any]) -> None:
    """Opens a connection, carries out one statement with `%s` for each value, and closes it. Raises PlainDatabaseError.

    A connection kept open would outlive a restart of the database; once in fifteen seconds a new one costs nothing.
    """
    by_driver = _sqlite if settings.EMBEDDED_DATABASE else _postgresql
    by_driver(settings.DATABASES["default"], statement, values)


def _sqlite(database: dict[str, Any], statement: str, values: Sequence[Any]) -> None:
    import sqlite3

    plain = [_as_django_stores(value) for value in values]
    try:
        with closing(sqlite3.connect(database["NAME"], timeout=SECONDS)) as connection, connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(statement.replace("%s", "?"), plain)
    except sqlite3.Error as error:
        raise PlainDatabaseError(type(error).__name__) from None


def _as_django_stores(value: Any) -> Any:
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value  # in UTC, and says so nowhere


def _postgresql(database: dict[str, Any], statement: str, values: Sequence[Any]) -> None:
    import psycopg2

    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    known = {name: database[key] for name, key in named.items() if database.get(key)}
    options = {key: value for key, value in database.get("OPTIONS", {}).items() if key not in _NOT_THE_DRIVERS}
    wanted = {"connect_timeout": SECONDS, **options, **known}
    try:
        # The second `with` commits, the first closes.
        with closing(psycopg2.connect(**wanted)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
    except psycopg2.Error as error:
        raise PlainDatabaseError(type(error).__name__) from None
