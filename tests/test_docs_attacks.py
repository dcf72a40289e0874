"""docs/trust.md names a test for every attack, and each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = re.findall(r"^\| (\d+) \| (.+)$", (TESTS.parent / "docs" / "trust.md").read_text(), re.MULTILINE)


def test_all_attacks_are_there() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 26))


@pytest.mark.parametrize(("number", "row"), ROWS)
def test_an_attack_is_held_by_tests_that_exist(number: str, row: str) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
    assert named, number
    for file, test in named:
        tree = ast.parse((TESTS / file).read_text())
        assert test in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, (file, test)
