"""Every entry of the catalogue of checks is a rule, and every number of the CIS benchmark is asked or has a reason."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from fleet.readiness.catalogue import rules
from fleet.readiness.rule import CIS_BENCHMARK, CIS_VERSION, AnyRule
from fleet.readiness.vocabulary import Scope
from tests.fleet.readiness.entries import BESIDE_THE_POINT, SOURCES

ROOT = Path(__file__).parents[3]
#: The catalogue itself is no part of the project; where it lies beside it, nothing here may differ from it.
CATALOGUE = ROOT.parent / "shared" / "facts" / "rules.json"
EVERY_RULE = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.slug)
BENCHMARK = f"{CIS_BENCHMARK} {CIS_VERSION}"
FURTHER = re.compile(rf"Goes further than {CIS_BENCHMARK} (\d+(?:\.\d+)+)")

#: How many entries the catalogue has under each prefix, numbered from 001 without a gap.
ENTRIES = {"NET": 14, "STO": 14, "TRU": 15, "RUN": 15, "RES": 24, "HRD": 28, "OWN": 7}
#: Rules of our own beside them, each with why.
OUR_OWN = {
    "HRD-029": "CIS 5.25, control groups, has no entry of its own in the catalogue",
    "RES-025": "CIS 5.15 counts always and unless-stopped, which RES-003 accepts",
}

#: Sections 5 and 7 of the CIS Docker Benchmark 1.6.0, and what cannot be asked of an engine's API.
CIS = {f"5.{n}" for n in range(1, 33)} | {f"7.{n}" for n in range(1, 10)}
NOT_ASKED = {
    "5.23": "events of the engine do not tell whether an exec was privileged; hand-changes reports every exec",
    "5.24": "events of the engine do not tell the user of an exec; hand-changes reports every exec",
    "7.2": "the address a swarm listens on is not told by the API",
    "7.6": "no moment of the last rotation is told, and the question that comes near answers with the key itself",
    "7.9": "the address of the data path is not told by the API",
}


def numbers() -> set[str]:
    return {f"{prefix}-{n:03}" for prefix, count in ENTRIES.items() for n in range(1, count + 1)}


def test_every_entry_is_a_rule() -> None:
    assert {rule.catalogue for rule in rules()} == numbers() | OUR_OWN.keys()
    assert len(numbers()) == 117


def test_each_number_of_the_benchmark_is_asked_or_has_a_reason() -> None:
    asked = {number for rule in rules() for number in rule.cis}
    assert {number for number in asked if number[0] in "57"} == CIS - NOT_ASKED.keys()
    assert not asked & NOT_ASKED.keys()


def test_every_number_that_the_catalogue_names_is_that_of_its_rule_or_has_a_reason() -> None:
    by_number = {rule.catalogue: rule for rule in rules()}
    missing = {
        (entry, number)
        for entry, named in SOURCES.items()
        for number in named.split()
        if number not in by_number[entry].cis and number not in _further(by_number[entry])
    }
    assert missing == set(BESIDE_THE_POINT)


def _further(rule: AnyRule) -> set[str]:
    """Items that a rule goes beyond; failing it does not violate them, so they are no numbers of its own."""
    return {match[1] for line in rule.documentation.references if (match := FURTHER.match(line))}


@EVERY_RULE
def test_an_item_of_the_benchmark_is_named_with_its_version(rule: AnyRule) -> None:
    for line in rule.documentation.references:
        if re.match(rf"{CIS_BENCHMARK}", line):
            assert re.fullmatch(rf"{re.escape(BENCHMARK)} \d+(\.\d+)+", line)
    assert len(set(rule.cis)) == len(rule.cis)


if CATALOGUE.exists():

    def test_these_are_the_numbers_of_the_catalogue() -> None:
        entries = json.loads(CATALOGUE.read_text())
        assert {entry["id"] for entry in entries} == numbers()
        for entry in entries:
            named = SOURCES.get(entry["id"], "").split()
            assert all(number in entry["source"] for number in named), entry["id"]
            assert bool(named) is bool(re.search(r"CIS \d+\.\d", entry["source"])), entry["id"]


@EVERY_RULE
def test_a_remedy_for_a_compose_file_is_yaml_that_stands_under_one_service(rule: AnyRule) -> None:
    read = yaml.safe_load(rule.remedy.compose)
    assert read is None or isinstance(read, dict)
    if rule.scope is Scope.CONTAINER and read:
        assert "services" not in read
        for part in ("volumes", "networks"):  # a mapping of them stands at the top of the file
            assert isinstance(read.get(part, []), list)


@EVERY_RULE
def test_a_rule_is_tried_with_what_passes_and_with_what_fails(rule: AnyRule) -> None:
    """Of each outcome that the rule can have; one that has no source can only say that it does not know."""
    module = sys.modules[type(rule).__module__]
    said = _called(Path(module.__file__ or ""))
    tried = _statuses(ROOT / "tests" / _test_of(type(rule).__module__))
    assert said & {"failed", "uncollected"}, "it can neither fail nor say what it lacks"
    assert ("failed" in said) <= ("FAIL" in tried)
    assert ("passed" in said) <= ("PASS" in tried)
    assert tried & {"UNKNOWN", "NOT_APPLICABLE", "MissingFactError", "blind"}


def _test_of(module: str) -> Path:
    path = Path(*module.split("."))
    return path.with_name(f"test_{path.name}.py")


def _called(path: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {node.func.id for node in calls if isinstance(node.func, ast.Name)}


def _statuses(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
