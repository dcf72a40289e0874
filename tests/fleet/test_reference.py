from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pytest_django import DjangoAssertNumQueries

from fleet import reference
from fleet.models import ReferenceTable
from fleet.reference import current_tables, load_table, loaded_by, reset_table, stale_tables
from fleet.tables import NAMES, TableError, Tables
from fleet.tables.book import STALE_DAYS

pytestmark = pytest.mark.django_db

SHIPPED = Tables.shipped()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    reference._kept.clear()


def ports(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(SHIPPED.ports, str_keys=True)
    return data | {"as_of": "2026-11-01", "entries": {"4711": "cologne"}} | changes


@pytest.mark.parametrize("data", [None, [], {}, {"name": 7}, {"entries": {}}])
def test_what_names_no_table_is_refused(data: Any) -> None:
    with pytest.raises(TableError, match="no `name`"):
        load_table(data, by="admin", now=NOW)


def test_a_table_that_is_wrong_changes_nothing() -> None:
    with pytest.raises(TableError, match=r"ports: entries\.70000"):
        load_table(ports(entries={"70000": "nothing"}), by="admin", now=NOW)
    assert current_tables() is SHIPPED


def test_an_older_table_is_refused_unless_it_is_meant() -> None:
    old = ports(as_of="2026-01-01")
    with pytest.raises(TableError, match="older than the one in force"):
        load_table(old, by="admin", now=NOW)
    load_table(old, by="admin", now=NOW, force=True)
    assert current_tables().ports.entries == {4711: "cologne"}


def test_a_table_of_tomorrow_is_refused_even_when_it_is_meant() -> None:
    """It would stay fresh for ever, and no newer one could be loaded."""
    with pytest.raises(TableError, match="not come yet"):
        load_table(ports(as_of="2026-11-25"), by="admin", now=NOW, force=True)


def test_a_loaded_table_that_cannot_be_read_any_more_leaves_the_shipped_one(caplog: pytest.LogCaptureFixture) -> None:
    load_table(ports(), by="admin", now=NOW)
    ReferenceTable.objects.update(data={"name": "ports"}, loaded_at=LATER)
    with caplog.at_level(logging.ERROR):
        assert current_tables().ports == SHIPPED.ports
        assert loaded_by() == {}
    assert "left out" in caplog.text


def test_without_a_loaded_table_the_shipped_ones_are_in_force(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert current_tables() is SHIPPED
    assert loaded_by() == {}


def test_a_loaded_table_is_in_force_at_once_and_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    load_table(ports(), by="admin", now=NOW)
    current = current_tables()
    assert current.ports.entries == {4711: "cologne"}
    assert current.systems is SHIPPED.systems
    assert current.version != SHIPPED.version
    assert loaded_by() == {"ports": "admin"}
    with django_assert_num_queries(1):
        assert current_tables() is current


def test_a_second_one_takes_the_place_of_the_first() -> None:
    load_table(ports(), by="admin", now=NOW)
    assert 4711 in current_tables().ports.entries
    load_table(ports(entries={"4712": "bonn"}), by="other", now=LATER)
    assert current_tables().ports.entries == {4712: "bonn"}
    assert ReferenceTable.objects.get().loaded_by == "other"
    assert str(ReferenceTable.objects.get()) == "ports of 2026-11-01"


def test_going_back_says_whether_there_was_anything_to_go_back_from() -> None:
    load_table(ports(), by="admin", now=NOW)
    assert reset_table("ports")
    assert current_tables() is SHIPPED
    assert not reset_table("ports")


def test_only_what_is_too_old_is_stale() -> None:
    then = datetime(2026, 8, 22, tzinfo=UTC)
    assert stale_tables(then + timedelta(days=STALE_DAYS)) == {}
    assert stale_tables(then + timedelta(days=97)) == dict.fromkeys(NAMES, 97)
    load_table(ports(), by="admin", now=NOW)
    assert "ports" not in stale_tables(NOW)
