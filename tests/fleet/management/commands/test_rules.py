from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fleet.readiness.catalogue import rules
from fleet.readiness.listing import markdown_table


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("rules", *arguments, stdout=out)
    return out.getvalue()


def test_an_unknown_slug_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match="there is no rule made-up"):
        said("made-up", "no-health-check")


@pytest.mark.parametrize("content", [None, "no marks"])
def test_a_file_that_cannot_take_the_table_is_refused_by_name(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "page.md"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=r"page\.md"):
        said("--write", str(path))


def test_every_rule_has_a_line() -> None:
    assert [line.split()[2] for line in said().splitlines()] == [rule.slug for rule in rules()]


def test_the_named_rules_are_told_in_full() -> None:
    (told,) = json.loads(said("no-health-check", "--json"))
    assert told["rule"] == "no-health-check"
    assert "HEALTHCHECK" in told["how_to_fix"]


def test_markdown_is_the_documentations_table() -> None:
    assert said("--markdown") == markdown_table(rules())


def test_a_file_takes_the_table(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("<!-- rules: begin -->\n<!-- rules: end -->\n")
    said("--write", str(path))
    assert markdown_table(rules()) in path.read_text()
