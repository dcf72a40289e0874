"""Findings of rules as rows: only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet.assessment.subjects import SubjectRow
from fleet.models import Container, Finding, Host
from fleet.readiness.findings import Finding as Judgement
from fleet.readiness.vocabulary import Scope, Severity

_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}

_FINDING_FIELDS = (
    "pillar", "severity", "severity_rank", "status", "core_gate", "subject_name", "service", "evidence", "reason",
    "first_seen",
)  # fmt: skip


def store_findings(
    host: Host,
    rows: Sequence[SubjectRow],
    judgements: Mapping[tuple[Scope, int], Sequence[Judgement]],
    *,
    whole: bool,
    now: datetime,
) -> int:
    """Writes only what differs from the stored findings; returns how many. `whole` also drops those of what went."""
    stored = {(row.subject_kind, row.subject_pk, row.rule): row for row in Finding.objects.filter(host=host)}
    judged_now: set[tuple[str, int, str]] = set()
    new: list[Finding] = []
    changed: list[Finding] = []
    for row in rows:
        for judgement in judgements[row.kind, row.pk]:
            key = (row.kind.value, row.pk, judgement.rule)
            judged_now.add(key)
            old = stored.get(key)
            fresh = _finding_row(host, row, judgement, now)
            if old is None:
                new.append(fresh)
            elif _differs(old, fresh):
                fresh.pk = old.pk
                fresh.first_seen = old.first_seen if old.status == fresh.status else now
                changed.append(fresh)
    subjects = {(row.kind.value, row.pk) for row in rows}
    dead = [
        old.pk
        for key, old in stored.items()
        if key not in judged_now and ((whole and key[0] != "container") or key[:2] in subjects)
    ]
    present = set(Container.objects.present().filter(host=host).values_list("pk", flat=True))
    dead += [old.pk for key, old in stored.items() if key[0] == "container" and key[1] not in present]
    Finding.objects.filter(pk__in=dead).delete()
    Finding.objects.bulk_create(new, batch_size=500)
    Finding.objects.bulk_update(changed, _FINDING_FIELDS, batch_size=200)
    return len(new) + len(changed) + len(dead)


def _finding_row(host: Host, row: SubjectRow, judgement: Judgement, now: datetime) -> Finding:
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
        service_id=row.container.service_id if row.container else None,
        evidence=dict(judgement.evidence),
        reason=judgement.reason,
        first_seen=now,
    )


def _differs(old: Finding, new: Finding) -> bool:
    return any(
        getattr(old, name) != getattr(new, name)
        for name in ("status", "severity", "evidence", "reason", "service_id", "subject_name", "pillar", "core_gate")
    )
