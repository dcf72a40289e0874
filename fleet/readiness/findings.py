"""Outcomes and findings: what a rule says, with the evidence that it says it on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec

from fleet.readiness.vocabulary import Pillar, Severity, Status

T = TypeVar("T")
Json = Any  # whatever JSON can hold; recursion in a type alias is not worth its casts


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What `judge` returns. `evidence` maps the engine's own field names to the values found.

    `severity` is set only where the catalogue says that this very case is milder or worse than the rule's own.
    `blind` marks an unknown that no engine could end: Loadline does not collect that kind of evidence (yet).
    `freshness` is 1.0, or 0.5 where the evidence is older than it should be and not yet too old to count.
    """

    status: Status
    evidence: Mapping[str, Json] = {}
    reason: str = ""
    severity: Severity | None = None
    blind: bool = False
    freshness: float = 1.0
    cis: tuple[str, ...] | None = None  # where this very failure violates fewer CIS items than the rule names


def passed(evidence: Mapping[str, Json] | None = None, reason: str = "", *, freshness: float = 1.0) -> Outcome:
    return Outcome(Status.PASS, evidence or {}, reason, freshness=freshness)


def failed(
    evidence: Mapping[str, Json],
    reason: str = "",
    *,
    severity: Severity | None = None,
    cis: tuple[str, ...] | None = None,
) -> Outcome:
    return Outcome(Status.FAIL, evidence, reason, severity, cis=cis)


def unknown(reason: str, evidence: Mapping[str, Json] | None = None) -> Outcome:
    return Outcome(Status.UNKNOWN, evidence or {}, reason)


def uncollected(reason: str, evidence: Mapping[str, Json] | None = None) -> Outcome:
    """Unknown because Loadline has no source for it: a registry, a scanner, a person's word. Shown as a blind spot."""
    return Outcome(Status.UNKNOWN, evidence or {}, reason, blind=True)


def not_applicable(reason: str, evidence: Mapping[str, Json] | None = None) -> Outcome:
    return Outcome(Status.NOT_APPLICABLE, evidence or {}, reason)


class MissingFactError(Exception):
    """A rule needed a field that the engine did not report; the finding becomes unknown."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"The engine did not report {fact}.")


class TableTooOldError(MissingFactError):
    """A rule needed a reference table that is too old to be evidence."""

    def __init__(self, name: str, as_of: date) -> None:
        Exception.__init__(self, f"The table of {name} is of {as_of.isoformat()} and too old; load a newer one.")


def known(value: T | None, fact: str) -> T:
    """The value, or a `MissingFactError` that names the engine's field; so that no rule takes silence for an answer."""
    if value is None:
        raise MissingFactError(fact)
    return value


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An outcome with the rule it came from; plain data that recording stores as it is.

    A fleet has millions of these: a Struct is made in a tenth of the time that a frozen dataclass takes.
    """

    rule: str
    pillar: Pillar
    severity: Severity
    status: Status
    evidence: Mapping[str, Json]
    reason: str
    core_gate: bool = False
    blind: bool = False
    freshness: float = 1.0
    cis: tuple[str, ...] | None = None
    waiver: int | None = None  # key of the waiver that accepts this failure

    @property
    def waived(self) -> bool:
        return self.waiver is not None
