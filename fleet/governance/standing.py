"""Which waivers stand, and whether one covers a finding: what judging asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q
from msgspec.structs import replace

from fleet.inventory.plain import fingerprint
from fleet.models import Host, Waiver
from fleet.readiness import catalogue
from fleet.readiness.findings import Finding
from fleet.readiness.vocabulary import Scope, Severity, Status

Key = tuple[str, str, str]  # kind, name of the thing, rule
#: By severity, the worse the higher.
GRAVENESS: Final = {severity.value: rank for rank, severity in enumerate(reversed(Severity))}


class Accepted(NamedTuple):
    """What one waiver accepts: these values, at this severity and at any milder one."""

    waiver: int
    severity: str
    values: frozenset[str]

    def covers(self, value: str, severity: str) -> bool:
        return value in self.values and not graver(severity, self.severity)


def graver(one: str, other: str) -> bool:
    """Whether the first severity is the worse one."""
    return GRAVENESS[one] > GRAVENESS[other]


def offending(finding: Finding) -> str:
    """A digest of the value that fails: of the evidence that the rule binds a waiver to, or of all of it."""
    rule = catalogue.by_slug().get(finding.rule)
    bound = rule.bound_to if rule else ()
    evidence = {key: finding.evidence.get(key) for key in bound} if bound else dict(finding.evidence)
    return fingerprint([finding.rule, evidence])


@dataclass(frozen=True, slots=True)
class Standing:
    """Waivers by what they are about; `digest` changes when any comes or goes."""

    by_key: Mapping[Key, tuple[Accepted, ...]]

    @classmethod
    def of(cls, waivers: Iterable[Waiver]) -> Standing:
        found: dict[Key, list[Accepted]] = {}
        for waiver in waivers:
            accepted = Accepted(waiver.pk, waiver.severity, frozenset(waiver.fingerprints))
            found.setdefault(key_of(waiver), []).append(accepted)
        return cls({key: tuple(rows) for key, rows in found.items()})

    def concerning(self, kind: str, name: str) -> list[int]:
        """Keys of the waivers about one thing, for the digest of what a judgement rests on."""
        return sorted(one.waiver for (k, n, _), rows in self.by_key.items() if (k, n) == (kind, name) for one in rows)

    def applied(self, findings: Sequence[Finding], *, kind: str, name: str) -> tuple[Finding, ...]:
        """The same findings, failing ones with the waiver that covers their very value and a severity so grave."""
        if not self.by_key:
            return tuple(findings)
        return tuple(self._one(finding, kind, name) for finding in findings)

    def _one(self, finding: Finding, kind: str, name: str) -> Finding:
        rows = self.by_key.get((kind, name, finding.rule)) if finding.status is Status.FAIL else None
        if not rows:
            return finding
        value = offending(finding)
        covering = (one.waiver for one in rows if one.covers(value, finding.severity))
        return replace(finding, waiver=found) if (found := next(covering, None)) is not None else finding


def key_of(waiver: Waiver) -> Key:
    if waiver.kind == Scope.SERVICE.value:
        return waiver.kind, str(waiver.service_id), waiver.rule
    if waiver.kind == Scope.HOST.value:
        return waiver.kind, str(waiver.host_id), waiver.rule
    return waiver.kind, waiver.subject, waiver.rule


def standing_on(host: Host, services: Iterable[int], now: datetime, *, any_stands: bool = True) -> Standing:
    """Waivers about the host, its networks, volumes and images, and the services with a container there.

    Without asking for them where none stands in the whole fleet.
    """
    if not any_stands:
        return Standing({})
    about = Q(host=host) | Q(service__in=list(services)) | Q(kind=Scope.IMAGE.value)
    return Standing.of(Waiver.objects.standing(now).filter(about, environment=host.environment.slug))


def standing_for_services(services: Iterable[int], now: datetime) -> Mapping[str, Standing]:
    """By environment, the waivers about these services."""
    found: dict[str, list[Waiver]] = {}
    for waiver in Waiver.objects.standing(now).filter(service__in=list(services)):
        found.setdefault(waiver.environment, []).append(waiver)
    return {environment: Standing.of(rows) for environment, rows in found.items()}
