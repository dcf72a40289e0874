"""Findings of rules as rows: read only for subjects that are said other things of, written only where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from fleet.assessment.subjects import SubjectRow
from fleet.governance.standing import offending
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Finding, Host, Image, Network, Volume
from fleet.readiness.findings import Finding as Judgement
from fleet.readiness.vocabulary import Scope, Severity, Status

_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}
_FINDING_FIELDS = (
    "pillar", "severity", "severity_rank", "status", "core_gate", "subject_name", "service", "evidence", "reason",
    "first_seen", "blind", "cis", "fingerprint", "waiver",
)  # fmt: skip
_COMPARED = (
    "status", "severity", "evidence", "reason", "service_id", "subject_name", "pillar", "core_gate", "blind", "cis",
    "fingerprint", "waiver_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """One subject with what the rules said of it, and a digest of that."""

    row: SubjectRow
    findings: Sequence[Judgement]
    digest: str

    @classmethod
    def of(cls, row: SubjectRow, findings: Sequence[Judgement]) -> Judged:
        said = [
            (f.rule, f.status, f.severity, f.evidence, f.reason, f.core_gate, f.blind, f.freshness, f.waiver, f.cis)
            for f in findings
        ]
        return cls(row, findings, fingerprint(row.name, row.service_id, said))


def store_findings(host: Host | None, judged: Sequence[Judged], *, now: datetime) -> int:
    """Writes what differs from the stored findings of these subjects; returns how many rows."""
    stored = _stored([one.row for one in judged])
    new: list[Finding] = []
    changed: list[Finding] = []
    dead = dict(stored)
    for one in judged:
        for judgement in one.findings:
            key = (one.row.kind.value, one.row.pk, judgement.rule)
            old = dead.pop(key, None)
            fresh = _finding_row(host, one.row, judgement, now)
            if old is None:
                new.append(fresh)
            elif any(getattr(old, name) != getattr(fresh, name) for name in _COMPARED):
                fresh.first_seen = old.first_seen if old.status == fresh.status else now
                changed.append(fresh)
    if dead:
        Finding.objects.filter(pk__in=[old.pk for old in dead.values()]).delete()
    Finding.objects.bulk_create(new, batch_size=500)
    # An upsert: whole rows are cheaper than bulk_update, which spells out a condition for each value.
    Finding.objects.bulk_create(
        changed,
        batch_size=500,
        update_conflicts=True,
        update_fields=_FINDING_FIELDS,
        unique_fields=("rule", "subject_kind", "subject_pk"),
    )
    return len(new) + len(changed) + len(dead)


def forget_findings(host: Host, present: Mapping[str, Sequence[int]]) -> int:
    """Drops the host's findings on what is not present any more; `present` has keys by kind of subject."""
    gone = Q(container__gone_at__isnull=False)
    for kind, rows in present.items():
        gone |= Q(subject_kind=kind) & ~Q(subject_pk__in=rows)
    # The keys first: one statement that looks into the table that it deletes from is a walk through all of it for
    # each row as soon as PostgreSQL guesses its size wrong.
    keys = list(Finding.objects.filter(gone, host=host).order_by().values_list("pk", flat=True))
    dropped = Finding.objects.filter(pk__in=keys).delete()[0] if keys else 0
    if dropped:
        _judge_when_back(Container.objects.filter(host=host, gone_at__isnull=False))
        for model, kind in ((Image, Scope.IMAGE), (Network, Scope.NETWORK), (Volume, Scope.VOLUME)):
            _judge_when_back(model.objects.filter(host=host).exclude(pk__in=present[kind.value]))
    return dropped


def _judge_when_back(rows: QuerySet[Any]) -> None:
    """What comes back as it was, such as an image that is used again, must not be taken for judged already."""
    rows.exclude(judged_key="").update(judged_key="", findings_hash="")


def _stored(rows: Sequence[SubjectRow]) -> dict[tuple[str, int, str], Finding]:
    """Findings of subjects that were judged before; a new one has none."""
    by_kind: dict[str, list[int]] = {}
    for row in rows:
        if row.judged_before:
            by_kind.setdefault(row.kind.value, []).append(row.pk)
    if not by_kind:
        return {}
    wanted = Q()
    for kind, keys in by_kind.items():
        wanted |= Q(subject_kind=kind, subject_pk__in=keys)
    found = Finding.objects.filter(wanted).order_by()
    return {(row.subject_kind, row.subject_pk, row.rule): row for row in found}


def _finding_row(host: Host | None, row: SubjectRow, judgement: Judgement, now: datetime) -> Finding:
    failing = judgement.status is Status.FAIL
    return Finding(
        rule=judgement.rule,
        pillar=judgement.pillar.value,
        severity=judgement.severity.value,
        severity_rank=_RANK[judgement.severity.value],
        status=judgement.status.value,
        core_gate=judgement.core_gate,
        subject_kind=row.kind.value,
        subject_pk=row.pk,
        subject_id=row.engine_id,
        subject_name=row.name[:255],
        host=host,
        container=row.container,
        service_id=row.service_id,
        evidence=dict(judgement.evidence),
        reason=judgement.reason,
        blind=judgement.blind,
        cis=None if judgement.cis is None else list(judgement.cis),
        fingerprint=offending(judgement) if failing else "",
        waiver_id=judgement.waiver,
        first_seen=now,
    )
