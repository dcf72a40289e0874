from __future__ import annotations

import re
from pathlib import Path

from fleet.readiness.catalogue import rules
from fleet.readiness.listing import with_table
from fleet.readiness.vocabulary import Severity, Status, Verdict

PAGE = Path(__file__).parents[1] / "docs" / "readiness.md"
ROW = re.compile(
    r"^\| `(?P<slug>[a-z0-9-]+)` \| (?P<number>\S+) \| \S+ \| \**(?P<severity>\w+)\** \|.*\| (?P<title>.+) \|$"
)


def test_the_table_of_rules_is_that_of_the_code() -> None:
    shown = [match.groups() for line in PAGE.read_text().splitlines() if (match := ROW.match(line))]
    written = [(rule.slug, rule.catalogue, rule.severity.value, rule.title) for rule in rules()]
    assert shown == written, "./loadline rules --write docs/readiness.md renews it"


def test_writing_the_table_anew_changes_nothing() -> None:
    text = PAGE.read_text()
    assert with_table(text, rules()) == text


def test_every_word_of_judgement_is_explained() -> None:
    first_cells = {line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| ")}
    cells = {word for cell in first_cells for word in cell.split(", ")}
    assert {status.value for status in Status} <= cells
    assert {verdict.value.replace("-", " ") for verdict in Verdict} <= cells
    assert {severity.value for severity in Severity} <= cells
