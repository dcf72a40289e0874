"""Findings as pages show them: by rule, with what each fails on, never forty rows for forty containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from dashboard.lists import page_of
from fleet.models import Finding
from fleet.models.answers import Answers
from fleet.models.finding import WAIVED
from fleet.readiness.catalogue import by_slug
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Scope, Severity, Status

_STATUSES = {name: rank for rank, name in enumerate(["fail", WAIVED, "unknown", "pass", "not-applicable"])}
_SEVERITIES = {severity.value: rank for rank, severity in enumerate(Severity)}
_FAILS, _CONTAINER, _SERVICE = Status.FAIL.value, Scope.CONTAINER.value, Scope.SERVICE.value


#: Subjects of one rule that are shown at once.
FEW: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """One subject of a finding: its name, its page, the evidence as (engine field, value) and since when."""

    kind: str
    name: str
    host: str
    url: str
    evidence: tuple[tuple[str, str], ...]
    reason: str
    since: datetime
    ask_url: str  # where a waiver can be asked for; empty when it does not fail
    waiver_url: str
    waiver_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """All findings of one rule with one status and severity."""

    slug: str
    title: str
    good: str
    url: str
    pillar: str
    scope: str
    status: str
    severity: str
    why: str
    docker: str
    compose: str
    subjects: list[SubjectRow] = field(default_factory=list)

    @property
    def first(self) -> list[SubjectRow]:
        return self.subjects[:FEW]

    @property
    def rest(self) -> list[SubjectRow]:
        """Folded away: forty containers of one service say one thing."""
        return self.subjects[FEW:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Findings of a page, split by status, each worst first."""

    failing: list[RuleGroup]
    waived: list[RuleGroup]
    unknown: list[RuleGroup]
    passing: list[RuleGroup]
    not_applicable: list[RuleGroup]


#: What a finding's row is drawn from.
_DRAWN: Final = (
    "rule", "pillar", "severity", "status", "subject_kind", "subject_id", "subject_name", "evidence", "reason",
    "first_seen", "host__name", "container", "waiver__expires_at",
)  # fmt: skip


def grouped(findings: Answers, *, now: datetime) -> Grouped:
    """Host and container come with them, without their bulky facts."""
    return _grouped(_drawn(findings))


def split(findings: Answers, *, now: datetime, apart: Callable[[Finding], bool]) -> tuple[Grouped, Grouped]:
    """The same in two parts, of which the second has those that are to stand apart; read once."""
    parts: tuple[list[Finding], list[Finding]] = [], []
    for one in _drawn(findings):
        parts[apart(one)].append(one)
    return _grouped(parts[0]), _grouped(parts[1])


def _drawn(findings: Answers) -> list[Finding]:
    return sorted(findings.with_hosts(*_DRAWN), key=attrgetter("subject_name"))


def _grouped(rows: Iterable[Finding]) -> Grouped:
    ordered = by_rule(rows)
    by_status = {status: [g for g in ordered if g.status == status] for status in _STATUSES}
    return Grouped(
        failing=by_status[Status.FAIL.value],
        waived=by_status[WAIVED],
        unknown=by_status[Status.UNKNOWN.value],
        passing=by_status[Status.PASS.value],
        not_applicable=by_status[Status.NOT_APPLICABLE.value],
    )


def by_rule(findings: Iterable[Finding]) -> list[RuleGroup]:
    """One group for each rule, status and severity, the worst first."""
    groups: dict[tuple[str, str, str], RuleGroup] = {}
    for finding in findings:
        key = (finding.rule, WAIVED if finding.waiver_id else finding.status, finding.severity)
        if key not in groups:
            groups[key] = _group(finding)
        groups[key].subjects.append(subject_row(finding))
    return sorted(groups.values(), key=lambda g: (_STATUSES[g.status], _SEVERITIES[g.severity], g.slug))


def _group(finding: Finding) -> RuleGroup:
    rule: AnyRule | None = by_slug().get(finding.rule)
    return RuleGroup(
        slug=finding.rule,
        title=rule.title if rule else finding.rule,
        good=rule.good if rule else "",
        url=page_of("rule", finding.rule),
        pillar=finding.pillar,
        scope=finding.subject_kind,
        status=WAIVED if finding.waiver_id else finding.status,
        severity=finding.severity,
        why=rule.documentation.summary if rule else "",
        docker=rule.remedy.docker if rule else "",
        compose=rule.remedy.compose if rule else "",
    )


def subject_row(finding: Finding) -> SubjectRow:
    """A page has hundreds: what is related is looked up once, and only where there is any."""
    host = finding.host.name if finding.host_id and finding.host else ""
    waiver = finding.waiver if finding.waiver_id else None
    return SubjectRow(
        kind=finding.subject_kind,
        name=finding.subject_name,
        host=host,
        url=_subject_url(finding, host),
        evidence=evidence_pairs(finding.evidence),
        reason=finding.reason,
        since=finding.first_seen,
        ask_url=page_of("waiver-ask", finding.pk) if finding.status == _FAILS and not finding.waiver_id else "",
        waiver_url=page_of("waiver", finding.waiver_id) if finding.waiver_id else "",
        waiver_until=waiver.last_day if waiver else None,
    )


def _subject_url(finding: Finding, host: str) -> str:
    if finding.container_id and finding.subject_kind == _CONTAINER:
        return page_of("container", finding.container_id)
    if finding.subject_kind == _SERVICE:
        return page_of("service", finding.subject_id)
    return page_of("host", host) if host else ""


def evidence_pairs(evidence: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The engine's field and its value as text; an absent value reads "not set"."""
    return tuple((name, _text(value)) for name, value in evidence.items())


def _inner(value: Any) -> str:
    """In brackets where one could not tell what belongs together."""
    return f"({_text(value)})" if isinstance(value, dict) and value else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key} → {_inner(one)}" for key, one in value.items()) or "empty"
    if isinstance(value, (list, tuple)):
        several = len(value) > 1
        return ", ".join(_inner(one) if several else _text(one) for one in value) or "empty"
    return str(value) if value != "" else "empty"
