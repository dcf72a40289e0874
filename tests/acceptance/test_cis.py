"""The findings name exactly what violates an item of the CIS Docker Benchmark, sections 5 and 7, on real engines."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.planted_cis import LOOSE, PLANTED, TWINS, Planted, planted
from tests.fleet.readiness.test_coverage import CIS, NOT_ASKED
from tests.installations import Installation

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ASKED = sorted(CIS - NOT_ASKED.keys(), key=lambda number: [int(part) for part in number.split(".")])
ITEM = re.compile(r"CIS Docker 1\.6\.0 ([57]\.\d+)")


@dataclass(frozen=True)
class Run:
    """What one sweep found, by number of the benchmark: who violates it."""

    planted: Planted
    swept: list[dict[str, Any]]
    findings: list[dict[str, Any]]

    @property
    def violating(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for finding in self.findings:
            for number in numbers_of(finding):
                found[number].add(subject_of(finding))
        return found


def numbers_of(finding: dict[str, Any]) -> list[str]:
    return [match[1] for line in finding["references"] if (match := ITEM.fullmatch(line))]


def subject_of(finding: dict[str, Any]) -> str:
    """`host` or `host/name`; a task of a swarm is called by its service."""
    subject = finding["subject"]
    if subject["kind"] == "host":
        return str(subject["name"])
    name = re.sub(r"\.\d+\.[a-z0-9]{25}$", "", subject["name"])
    return f"{subject['host']}/{name}"


@pytest.fixture(scope="module")
def run(engines_possible: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("cis")
    with planted(folder) as made:
        installation = Installation(folder, migrated=True)
        hosts = folder / "hosts.csv"
        rows = [f"{name},{url},production," for name, url in made.urls.items()]
        hosts.write_text("\n".join(["name,url,environment,team", *rows]) + "\n")
        for words in (("host", "import", str(hosts)), ("sweep", "--json"), ("findings", "--status", "fail", "--json")):
            done = installation.run(*words)
            assert done.returncode == 0, done.stdout + done.stderr
            if words[0] == "sweep":
                swept = json.loads(done.stdout)["hosts"]
        yield Run(made, swept, json.loads(done.stdout))


def test_the_sweep_saw_every_planted_container(run: Run) -> None:
    counted = {one["name"]: one["containers"] for one in run.swept}
    assert counted[LOOSE] == len(PLANTED) + len(TWINS)
    assert sum(counted.values()) == counted[LOOSE] + 2


@pytest.mark.parametrize("number", ASKED)
def test_an_item_is_violated_by_exactly_what_was_planted(run: Run, number: str) -> None:
    assert run.planted.expected(number)
    assert run.violating[number] == run.planted.expected(number)


def test_a_well_configured_twin_violates_nothing(run: Run) -> None:
    named = {number: subjects & run.planted.twins for number, subjects in run.violating.items()}
    assert {number: subjects for number, subjects in named.items() if subjects} == {}


def test_no_item_is_violated_that_is_not_asked(run: Run) -> None:
    assert set(run.violating) == set(ASKED)


def test_the_numbers_stand_by_themselves_as_well(run: Run) -> None:
    for finding in run.findings:
        assert [number for number in finding["cis"] if number[0] in "57"] == numbers_of(finding), finding["rule"]


def test_only_a_violation_with_a_reason_counts_twice() -> None:
    assert all(one.because for one in PLANTED if " " in one.violates)
