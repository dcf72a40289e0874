"""One statement by the driver alone, stored as Django would store it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import plain_database, signs
from dashboard.plain_database import PlainDatabaseError
from tests.builders import NOW
from tests.servers import postgresql

TABLE = (
    "CREATE TABLE fleet_signoflife (id {key}, kind varchar(9) NOT NULL, name varchar(200) NOT NULL,"
    " did varchar(100) NOT NULL, at {moment} NOT NULL, UNIQUE (kind, name))"
)


def twice() -> None:
    for seconds, did in ((0, "tidy"), (15, "catch_up")):
        assert signs.write_plainly("scheduler", "beat@node-1", did, NOW + timedelta(seconds=seconds, microseconds=5))


@pytest.fixture
def file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(settings.DATABASES, "default", {"NAME": str(tmp_path / "loadline.sqlite3"), "OPTIONS": {}})
    settings.EMBEDDED_DATABASE = True
    return tmp_path / "loadline.sqlite3"


def test_sqlite_holds_the_moment_as_django_reads_it(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(TABLE.format(key="integer PRIMARY KEY", moment="datetime"))
        twice()
        rows = connection.execute("SELECT kind, name, did, at FROM fleet_signoflife").fetchall()
    later = NOW + timedelta(seconds=15, microseconds=5)
    as_django = str(later.replace(tzinfo=None))
    assert rows == [("scheduler", "beat@node-1", "catch_up", as_django)]


def test_a_statement_that_fails_names_its_kind_and_no_address(file: Path) -> None:
    with pytest.raises(PlainDatabaseError, match=r"^OperationalError$"):
        plain_database.execute("INSERT INTO nowhere VALUES (%s)", [1])


@pytest.mark.postgres
def test_postgresql_holds_the_moment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dj_database_url
    import psycopg2

    with postgresql() as url:
        parsed = dict(dj_database_url.parse(url))
        monkeypatch.setitem(settings.DATABASES, "default", {**parsed, "OPTIONS": {"application_name": "clock"}})
        settings.EMBEDDED_DATABASE = False
        with closing(psycopg2.connect(host=parsed["HOST"], user="postgres", dbname="postgres")) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(TABLE.format(key="bigserial PRIMARY KEY", moment="timestamptz"))
            twice()
            cursor.execute("SELECT did, at FROM fleet_signoflife")
            assert cursor.fetchall() == [("catch_up", NOW + timedelta(seconds=15, microseconds=5))]


@pytest.mark.postgres
def test_postgresql_that_is_away_is_said_without_its_address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"NAME": "x", "USER": "u", "PASSWORD": "hush", "HOST": "127.0.0.1", "PORT": 1}
    monkeypatch.setitem(settings.DATABASES, "default", away)
    settings.EMBEDDED_DATABASE = False
    with pytest.raises(PlainDatabaseError, match=r"^OperationalError$"):
        plain_database.execute("SELECT %s", [1])
