from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from fleet.tables import NAMES, TableError, Tables, read_table, schema_of
from fleet.tables.book import FRESH_DAYS, STALE_DAYS, USABLE_DAYS


def plain(name: str) -> dict[str, Any]:
    data: dict[str, Any] = copy.deepcopy(msgspec.to_builtins(Tables.shipped().table(name)))
    return data


def refusal(name: str, data: Any) -> str:
    with pytest.raises(TableError) as told:
        read_table(name, data)
    return str(told.value)


def test_an_unknown_name_is_told_what_there_is() -> None:
    assert "ports" in refusal("ports-of-call", {})
    with pytest.raises(TableError):
        schema_of("ports-of-call")


def test_the_entry_at_fault_is_named() -> None:
    data = plain("vulnerabilities")
    data["entries"][3]["fixed_in"] = ["soon"]
    assert "entries[3]" in refusal("vulnerabilities", data)
    assert "soon" in refusal("vulnerabilities", data)


def test_a_word_too_much_is_refused_rather_than_lost() -> None:
    assert "surplus" in refusal("ports", plain("ports") | {"surplus": 1})


def test_a_pattern_that_does_not_compile_is_refused() -> None:
    data = plain("systems")
    data["entries"][0]["pattern"] = "("
    assert "entries[0].pattern" in refusal("systems", data)


def test_one_table_under_the_name_of_another_is_refused() -> None:
    assert "drivers" in refusal("ports", plain("ports") | {"name": "drivers"})


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_table_says_when_and_where_and_survives_a_round_trip(name: str) -> None:
    table = Tables.shipped().table(name)
    assert table.source
    assert read_table(name, msgspec.json.decode(msgspec.json.encode(table))) == table
    assert schema_of(name)["$defs"]


def test_the_version_is_the_same_in_every_process() -> None:
    """Else each worker would take the judgements of the others for those by other tables."""
    told = {
        subprocess.run(
            [sys.executable, "-c", "from fleet.tables import Tables; print(Tables.shipped().version)"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert told == {Tables.shipped().version}


def test_the_version_changes_with_any_entry() -> None:
    shipped = Tables.shipped()
    data = plain("ports")
    data["entries"]["9999"] = "something"
    other = shipped.replaced({"ports": read_table("ports", data)})
    assert other.version != shipped.version
    assert other.replaced({"ports": shipped.ports}).version == shipped.version


def test_an_old_table_counts_half_and_a_very_old_one_nothing() -> None:
    tables = Tables.shipped()
    day = tables.ports.as_of

    def after(days: int) -> float | None:
        return tables.freshness("ports", day + timedelta(days=days))

    assert [after(0), after(FRESH_DAYS), after(FRESH_DAYS + 1), after(USABLE_DAYS), after(USABLE_DAYS + 1)] == [
        1.0, 1.0, 0.5, 0.5, None,
    ]  # fmt: skip


def test_only_tables_that_are_too_old_are_named_with_their_age() -> None:
    tables = Tables.shipped()
    oldest = min(tables.table(name).as_of for name in NAMES)
    assert tables.stale(oldest) == {}
    assert tables.stale(oldest + timedelta(days=STALE_DAYS + 1))
    assert tables.stale(date.max).keys() == set(NAMES)


def set_in(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = to

    return change


def drop(*path: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("components", set_in("entries", "engine", "28", to="soon"), "components: entries.engine.28: "),
        ("components", set_in("entries", "engine", "newest", to=None), "entries.engine.newest: not a version"),
        ("datastores", set_in("entries", "mongo", "directories", to=["data"]), "entries.mongo.directories[0]: "),
        ("datastores", set_in("entries", "mongo", "replicates", to="twice"), "entries.mongo.replicates: "),
        ("datastores", set_in("ports", "postgres", to="PostgreSQL"), "datastores: ports.postgres: "),
        ("datastores", set_in("entries", "nginx", to={"family": "x", "directories": ["/x"]}), "stateless: nginx"),
        ("drivers", drop("entries", "csi", "note"), "drivers: entries.csi: Object missing required field `note`"),
        ("drivers", set_in("entries", to=[]), "drivers: entries: "),
        ("ports", set_in("entries", "70000", to="nothing"), "ports: entries.70000: "),
        ("ports", drop("as_of"), "ports: the whole file: Object missing required field `as_of`"),
        ("systems", set_in("entries", 0, "ends", "13", 1, to="2030-13-01"), "systems: entries[0].ends.13[1]: "),
        (
            "systems",
            set_in("entries", 0, "ends", "13", to=["2030-06-30", "2028-08-09"]),
            "entries[0].ends.13: extended",
        ),
        ("systems", set_in("entries", 1, "builds", to="("), "systems: entries[1].builds: "),
        ("vulnerabilities", set_in("entries", 2, "severity", to="bad"), "vulnerabilities: entries[2].severity: "),
        ("vulnerabilities", set_in("entries", 2, "since", to="long ago"), "entries[2].since: 'long ago' is not"),
    ],
)
def test_entry_and_field_are_named(name: str, change: Callable[[Any], None], told: str) -> None:
    data = json.loads(msgspec.json.encode(Tables.shipped().table(name)))
    change(data)
    with pytest.raises(TableError) as refused:
        read_table(name, data)
    assert told in str(refused.value)


@pytest.mark.parametrize("data", [None, [], "ports", 7])
def test_what_is_no_table_at_all_is_refused(data: Any) -> None:
    with pytest.raises(TableError, match="the whole file"):
        read_table("ports", data)
