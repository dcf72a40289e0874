"""Migrations while others read and write, on a PostgreSQL of the test's own; and the same operations on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
import pytest
from django.db import OperationalError, connections, migrations, models
from django.db.migrations.state import ProjectState
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from fleet import schema
from fleet.schema import (
    AddCheckOnline,
    AddIndexOnline,
    CompressQuickly,
    DropOwnIndexOnline,
    KeepInRow,
    Online,
    RemoveIndexOnline,
    StoreParameters,
)
from tests import servers
from tests.installations import until

ROOT = Path(__file__).resolve().parents[2]
ROWS = migrations.CreateModel(
    "Row", [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField(db_index=True))]
)
INDEX = models.Index(fields=["size", "id"], name="by_size_and_id")
CHECK = models.CheckConstraint(condition=models.Q(size__gte=0), name="no_less_than_nothing")
ADDED = AddIndexOnline("row", INDEX)


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Postgresql]:
    with servers.postgresql_server() as running:
        yield running


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection that is nobody else's, under a name of its own, because transactions are begun by the name."""
    connections.settings["rows"] = ConnectionHandler({"default": dj_database_url.parse(url)}).settings["default"]
    try:
        yield connections["rows"]
    finally:
        connections["rows"].close()
        del connections["rows"], connections.settings["rows"]


@pytest.fixture(params=["postgresql", "sqlite"])
def table(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Table]:
    url = f"sqlite:///{tmp_path}/rows.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("server").url
    with django_db_blocker.unblock(), connected(url) as connection:
        made = Table(connection)
        yield made
        made.execute("DROP TABLE fleet_row")


class Table:
    """One table, what migrations have made of it, and what the database says of its indexes."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.state = connection, ProjectState()
        self.apply(ROWS)

    def apply(self, operation: Any) -> ProjectState:
        """Returns the state of before."""
        before = self.state.clone()
        operation.state_forwards("fleet", self.state)
        with self.connection.schema_editor(atomic=not isinstance(operation, Online)) as editor:
            operation.database_forwards("fleet", editor, before, self.state)
        return before

    def take_back(self, operation: Any, before: ProjectState) -> None:
        with self.connection.schema_editor(atomic=not isinstance(operation, Online)) as editor:
            operation.database_backwards("fleet", editor, self.state, before)
        self.state = before

    def indexes(self) -> set[str]:
        with self.connection.cursor() as cursor:
            found = self.connection.introspection.get_constraints(cursor, "fleet_row")
        return {name for name, told in found.items() if told["index"] and not told["unique"]}

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)


def test_an_index_is_made_and_dropped_and_made_again(table: Table) -> None:
    first = table.indexes()
    before = table.apply(ADDED)
    assert table.indexes() == first | {"by_size_and_id"}
    removal = RemoveIndexOnline("row", "by_size_and_id")
    there = table.apply(removal)
    assert table.indexes() == first
    table.take_back(removal, there)
    assert table.indexes() == first | {"by_size_and_id"}
    table.take_back(ADDED, before)
    assert table.indexes() == first


def test_a_migration_that_was_interrupted_may_do_all_of_it_again(table: Table) -> None:
    table.apply(ADDED)
    with table.connection.schema_editor(atomic=False) as editor:
        ADDED.database_forwards("fleet", editor, table.state, table.state)
        for _ in range(2):
            RemoveIndexOnline("row", "by_size_and_id").database_forwards("fleet", editor, table.state, table.state)
    assert "by_size_and_id" not in table.indexes()


def test_a_field_loses_its_own_index_and_no_other(table: Table) -> None:
    [own] = table.indexes()
    table.apply(ADDED)
    dropped = DropOwnIndexOnline("row", "size", models.IntegerField(db_index=False))
    before = table.apply(dropped)
    assert table.indexes() == {"by_size_and_id"}
    table.take_back(dropped, before)
    assert table.indexes() == {"by_size_and_id", own}


def test_a_check_holds_for_old_and_new_rows(table: Table) -> None:
    table.execute("INSERT INTO fleet_row (size) VALUES (-1)")
    unchecked = table.state.clone()
    with pytest.raises(Exception, match="no_less_than_nothing"):
        table.apply(AddCheckOnline("row", CHECK))
    table.execute("UPDATE fleet_row SET size = 1")
    table.state = unchecked
    added = AddCheckOnline("row", CHECK)
    before = table.apply(added)
    with pytest.raises(Exception, match="no_less_than_nothing"):
        table.execute("INSERT INTO fleet_row (size) VALUES (-1)")
    table.take_back(added, before)
    table.execute("INSERT INTO fleet_row (size) VALUES (-1)")


def test_parameters_are_set_where_the_database_has_them(table: Table) -> None:
    operation = StoreParameters("row", {"fillfactor": 50})
    before = table.apply(operation)
    if table.connection.vendor == "postgresql":
        told = "SELECT reloptions::text FROM pg_class WHERE relname = 'fleet_row'"
        with table.connection.cursor() as cursor:
            cursor.execute(told)
            assert cursor.fetchone() == ("{fillfactor=50}",)
            table.take_back(operation, before)
            cursor.execute(told)
            assert cursor.fetchone() == (None,)


def test_a_column_is_kept_in_the_row_where_the_database_would_put_it_apart(table: Table) -> None:
    table.apply(migrations.AddField("row", "name", models.CharField(max_length=9, db_default="")))
    operation = KeepInRow("row", ("name",))
    before = table.apply(operation)
    if table.connection.vendor == "postgresql":
        told = "SELECT attstorage::text FROM pg_attribute WHERE attrelid = 'fleet_row'::regclass AND attname = 'name'"
        with table.connection.cursor() as cursor:
            cursor.execute(told)
            assert cursor.fetchone() == ("m",)
            table.take_back(operation, before)
            cursor.execute(told)
            assert cursor.fetchone() == ("x",)


def test_a_long_column_is_compressed_the_quick_way_where_the_database_knows_it(table: Table) -> None:
    table.apply(migrations.AddField("row", "facts", models.JSONField(null=True)))
    operation = CompressQuickly("row", ("facts",))
    before = table.apply(operation)
    if table.connection.vendor == "postgresql":
        told = (
            "SELECT attcompression::text FROM pg_attribute WHERE attrelid = 'fleet_row'::regclass AND attname = 'facts'"
        )
        with table.connection.cursor() as cursor:
            cursor.execute(told)
            assert cursor.fetchone() == ("l",)
            table.take_back(operation, before)
            cursor.execute(told)
            assert cursor.fetchone() == ("",)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["postgresql"], indirect=True)
def test_a_database_that_was_built_without_it_is_left_as_it_is(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CompressQuickly, "_has_lz4", lambda *_: False)
    table.apply(migrations.AddField("row", "facts", models.JSONField(null=True)))
    with CaptureQueriesContext(table.connection) as asked:
        table.apply(CompressQuickly("row", ("facts",)))
    assert not [query for query in asked.captured_queries if "COMPRESSION" in query["sql"]]


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["postgresql"], indirect=True)
def test_an_index_that_was_left_half_built_is_built_anew(table: Table, server: servers.Postgresql) -> None:
    with closing(psycopg2.connect(dj(server.url))) as other:
        with other.cursor() as cursor:
            cursor.execute("INSERT INTO fleet_row (size) VALUES (1)")
        table.execute("SET statement_timeout = '300ms'")
        before = table.state.clone()
        with pytest.raises(OperationalError, match="statement timeout"):
            table.apply(ADDED)
        other.rollback()
    assert "by_size_and_id" in table.indexes()  # and of no use to anybody
    table.execute("SET statement_timeout = 0")
    table.state = before
    table.apply(ADDED)
    with table.connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_size_and_id'::regclass")
        assert cursor.fetchone() == (True,)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["postgresql"], indirect=True)
def test_an_index_is_not_made_inside_a_transaction(table: Table) -> None:
    with (
        pytest.raises(RuntimeError, match="atomic = False"),
        table.connection.schema_editor(atomic=True) as editor,
    ):
        ADDED.database_forwards("fleet", editor, table.state, table.state.clone())


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["postgresql"], indirect=True)
def test_who_waits_for_a_lock_lets_the_others_go_first(
    table: Table, server: servers.Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "200ms")
    with closing(psycopg2.connect(dj(server.url))) as holder, closing(psycopg2.connect(dj(server.url))) as other:
        with holder.cursor() as cursor:
            cursor.execute("INSERT INTO fleet_row (size) VALUES (1)")
        said: list[str] = []

        def others_have_their_turn(_seconds: float) -> None:
            with other, other.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
                cursor.execute("INSERT INTO fleet_row (size) VALUES (2)")
            if len(said) == 2:
                holder.commit()

        schema.patiently(
            lambda: table.execute("ALTER TABLE fleet_row ADD COLUMN more integer"),
            table.connection,
            on_retry=said.append,
            sleep=others_have_their_turn,
        )
    assert said == ["canceling statement due to lock timeout"] * 2
    with table.connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(more), current_setting('lock_timeout') FROM fleet_row")
        assert cursor.fetchone() == (3, 0, "0")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["postgresql"], indirect=True)
def test_what_fails_of_something_else_is_not_tried_again(table: Table) -> None:
    with pytest.raises(Exception, match="does not exist"):
        schema.patiently(lambda: table.execute("ALTER TABLE nobody ADD COLUMN more integer"), table.connection)


def dj(url: str) -> str:
    """The same address as libpq takes it."""
    told = dj_database_url.parse(url)
    return f"host={told['HOST']} user={told['USER']} dbname={told['NAME']}"


def manage(server: servers.Postgresql, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": server.url, "LOADLINE_DATA": str(folder), "LOG_LEVEL": "WARNING"}
    return subprocess.Popen([sys.executable, str(ROOT / "manage.py"), *words], env=environment)


@pytest.mark.postgres
@pytest.mark.slow
def test_findings_are_read_and_written_while_a_migration_adds_an_index_to_them(tmp_path: Path) -> None:
    """`./loadline migrate` from before the index, kept from its end by a transaction that wrote findings."""
    with servers.postgresql_server() as server, closing(psycopg2.connect(dj(server.url))) as holder:
        before = manage(server, tmp_path, "migrate", "fleet", "0002_first_environments")
        assert before.wait() == 0
        with holder.cursor() as cursor:
            cursor.execute(INSERT, ["held"])
        migrating = manage(server, tmp_path, "migrate")
        with closing(psycopg2.connect(dj(server.url))) as other, other.cursor() as cursor:
            other.autocommit = True

            def index_is_being_made() -> bool:
                cursor.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%fleet_finding%'")
                return cursor.fetchone() is not None

            until(index_is_being_made)
            cursor.execute("SET lock_timeout = '500ms'")  # sooner than a migration would give up waiting itself
            cursor.execute(INSERT, ["new"])
            cursor.execute("UPDATE fleet_finding SET status = 'fail' WHERE rule = 'new'")
            cursor.execute("SELECT rule FROM fleet_finding WHERE status = 'fail'")
            assert cursor.fetchall() == [("new",)]
            cursor.execute("DELETE FROM fleet_finding WHERE rule = 'new'")
            assert migrating.poll() is None
            holder.commit()
            assert migrating.wait(timeout=60) == 0
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'findings_of_a_host'::regclass")
            assert cursor.fetchone() == (True,)


INSERT = """
    INSERT INTO fleet_finding (rule, pillar, severity, severity_rank, status, core_gate, subject_kind, subject_pk,
        subject_id, subject_name, evidence, blind, fingerprint, reason, first_seen)
    VALUES (%s, 'network', 'high', 1, 'pass', false, 'host', 1, '', '', '{}', false, '', '', now())
"""
