"""Every entry of the catalogue of checks is a rule, and every number of the CIS benchmark is asked or has a reason."""

from __future__ import annotations

from fleet.readiness.catalogue import rules

#: How many entries the catalogue has under each prefix, numbered from 001 without a gap.
ENTRIES = {"NET": 14, "STO": 14, "TRU": 15, "RUN": 15, "RES": 24, "HRD": 28, "OWN": 7}
#: Rules of our own beside them, each with why.
OUR_OWN = {"HRD-029": "CIS 5.25, control groups, has no entry of its own in the catalogue"}

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
