"""The arithmetic from findings to verdicts: gates, never averages.

One failing critical finding outweighs any number of passes, so a verdict is decided by the first gate that matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from fleet.readiness.vocabulary import Pillar, Severity, Status, Verdict

_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Weighed(Protocol):
    """Anything that has what a verdict needs of a finding: a pure Finding or a stored row."""

    @property
    def pillar(self) -> Pillar | str: ...
    @property
    def severity(self) -> Severity | str: ...
    @property
    def status(self) -> Status | str: ...
    @property
    def core_gate(self) -> bool: ...


def verdict_of(findings: Iterable[Weighed]) -> Verdict:
    """Not ready on a critical failure; unknown on a core gate without evidence or with no finding at all;
    at risk on a high failure; else ready. Order of the findings does not matter.
    """
    worst = Verdict.READY
    seen = False
    for finding in findings:
        seen = True
        worst = min(worst, _alone(finding), key=_ORDER.__getitem__)
    return worst if seen else Verdict.UNKNOWN


def _alone(finding: Weighed) -> Verdict:
    if finding.status == Status.FAIL and finding.severity == Severity.CRITICAL:
        return Verdict.NOT_READY
    if finding.status == Status.UNKNOWN and finding.core_gate:
        return Verdict.UNKNOWN
    if finding.status == Status.FAIL and finding.severity == Severity.HIGH:
        return Verdict.AT_RISK
    return Verdict.READY


def pillars_of(findings: Iterable[Weighed]) -> Mapping[Pillar, Verdict]:
    """A verdict per pillar. A pillar whose every applicable finding is unknown is unknown, not ready."""
    grouped: dict[Pillar, list[Weighed]] = {pillar: [] for pillar in Pillar}
    for finding in findings:
        grouped[Pillar(finding.pillar)].append(finding)
    return {pillar: _pillar_verdict(group) for pillar, group in grouped.items()}


def _pillar_verdict(findings: list[Weighed]) -> Verdict:
    told = [finding for finding in findings if finding.status in {Status.PASS, Status.FAIL}]
    blind = any(finding.status == Status.UNKNOWN for finding in findings)
    return Verdict.UNKNOWN if blind and not told else verdict_of(findings)


def worst_of(verdicts: Iterable[Verdict | str]) -> Verdict:
    """The worst of several; unknown when there is none. A union of findings has the worst verdict of its parts."""
    return min((Verdict(verdict) for verdict in verdicts), key=_ORDER.__getitem__, default=Verdict.UNKNOWN)
