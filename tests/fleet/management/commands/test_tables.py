from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fleet import reference
from fleet.tables import NAMES, read_table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    reference._kept.clear()


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("tables", *arguments, stdout=out)
    return out.getvalue()


def listed() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(said("--json"))["tables"]}


def file_of(folder: Path, **changes: Any) -> str:
    path = folder / "ports.json"
    path.write_text(json.dumps(json.loads(said("show", "ports")) | changes))
    return str(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.json cannot be read"):
        said("load", str(tmp_path / "gone.json"))


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"])
def test_a_file_that_is_no_json_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"broken\.json is no JSON"):
        said("load", str(path))


def test_a_wrong_entry_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"ports: entries\.high"):
        said("load", file_of(tmp_path, entries={"high": "nothing"}))
    assert listed()["ports"]["source"] == "shipped"


def test_an_older_table_needs_force(tmp_path: Path) -> None:
    old = file_of(tmp_path, as_of="2026-01-01")
    with pytest.raises(CommandError, match="older than the one in force"):
        said("load", old)
    assert "in force" in said("load", old, "--force")


@pytest.mark.parametrize("action", ["show", "schema", "reset"])
def test_an_unknown_table_is_refused(action: str) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        said(action, "planets")


def test_a_newer_table_is_loaded_listed_and_taken_back(tmp_path: Path) -> None:
    assert "ports of 2026-11-01 is in force" in said(
        "load", file_of(tmp_path, as_of="2026-11-01", entries={"4711": "cologne"})
    )
    row = listed()["ports"]
    assert (row["as_of"], row["entries"], row["source"], row["loaded_by"]) == (
        "2026-11-01",
        1,
        "loaded",
        "the command line",
    )
    assert "loaded by the command line" in said()
    said("reset", "ports")
    assert listed()["ports"]["source"] == "shipped"
    assert "as it was" in said("reset", "ports")


def test_every_table_has_a_line_with_its_age_and_the_shipped_ones_are_marked_as_old() -> None:
    """They are of August 2026, on purpose: whoever runs this later must see it."""
    lines = said().splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert all("2026-08-22" in line and "shipped" in line and "load a newer one" in line for line in lines)
    assert all(row["stale"] and row["age_days"] > 35 and row["entries"] for row in listed().values())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_can_be_loaded_again_and_has_a_schema(name: str) -> None:
    assert read_table(name, json.loads(said("show", name))).name == name
    assert "as_of" in json.dumps(json.loads(said("schema", name)))
