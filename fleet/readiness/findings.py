"""Outcomes and findings: what a rule says, with the evidence that it says it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fleet.readiness.vocabulary import Pillar, Severity, Status

T = TypeVar("T")
Json = Any  # whatever JSON can hold; recursion in a type alias is not worth its casts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `judge` returns. `evidence` maps the engine's own field names to the values found.

    `severity` is set only where the catalogue says that this very case is milder or worse than the rule's own.
    """

    status: Status
    evidence: Mapping[str, Json] = field(default_factory=dict)
    reason: str = ""
    severity: Severity | None = None


def passed(evidence: Mapping[str, Json] | None = None, reason: str = "") -> Outcome:
    return Outcome(Status.PASS, evidence or {}, reason)


def failed(evidence: Mapping[str, Json], reason: str = "", *, severity: Severity | None = None) -> Outcome:
    return Outcome(Status.FAIL, evidence, reason, severity)


def unknown(reason: str, evidence: Mapping[str, Json] | None = None) -> Outcome:
    return Outcome(Status.UNKNOWN, evidence or {}, reason)


def not_applicable(reason: str, evidence: Mapping[str, Json] | None = None) -> Outcome:
    return Outcome(Status.NOT_APPLICABLE, evidence or {}, reason)


class MissingFactError(Exception):
    """A rule needed a field that the engine did not report; the finding becomes unknown."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"The engine did not report {fact}.")


def known(value: T | None, fact: str) -> T:
    """The value, or a `MissingFactError` that names the engine's field; so that no rule takes silence for an answer."""
    if value is None:
        raise MissingFactError(fact)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An outcome with the rule it came from; plain data that recording stores as it is."""

    rule: str
    pillar: Pillar
    severity: Severity
    status: Status
    evidence: Mapping[str, Json]
    reason: str
    core_gate: bool = False
