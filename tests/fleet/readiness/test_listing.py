from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.readiness.listing import as_plain, markdown_table, with_table
from fleet.readiness.rule import EVERYWHERE, PRODUCTION_ONLY
from tests.fleet.readiness.made_up import rule_class

BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, END + BEGIN])
def test_a_text_without_the_two_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the text has no lines"):
        with_table(text, [])


def test_only_what_is_between_the_marks_changes() -> None:
    written = with_table(f"before\n{BEGIN}old\n{END}after\n", [rule_class()()])
    assert written == f"before\n{BEGIN}{markdown_table([rule_class()()])}{END}after\n"
    assert with_table(written, [rule_class()()]) == written


@pytest.mark.parametrize(
    ("attributes", "cells"),
    [
        ({}, "| high | container | production and staging |"),
        ({"core_gate": True, "stages": EVERYWHERE}, "| **high** | container | everywhere |"),
        ({"stages": PRODUCTION_ONLY}, "| high | container | production |"),
    ],
)
def test_a_row_says_how_bad_and_where(attributes: dict[str, Any], cells: str) -> None:
    row = markdown_table([rule_class(**attributes)()]).splitlines()[2]
    assert row == f"| `made-up` | HRD-999 | hardening {cells} Made up |"


def test_a_rule_as_plain_data_can_be_written_as_json() -> None:
    plain = json.loads(json.dumps(as_plain(rule_class()())))
    assert plain["rule"] == "made-up"
    assert plain["remedy"] == {"docker": "docker run …", "compose": "key: value"}
    assert plain["references"] == ["A source"]
    assert all(plain[key] for key in plain if key != "core_gate")
