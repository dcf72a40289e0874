"""Findings of rules as rows: only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from fleet.assessment.subjects import SubjectRow
from fleet.models import Finding, Host
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
    judged_containers = [row.pk for row in rows if row.kind is Scope.CONTAINER]
    concerned = Q(subject_kind=Scope.CONTAINER.value, subject_pk__in=judged_containers)
    if whole:
        concerned |= ~Q(subject_kind=Scope.CONTAINER.value)
    stored = {
        (row.subject_kind, row.subject_pk, row.rule): row
        for row in Finding.objects.filter(concerned, host=host).order_by()
    }
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
                fresh.first_seen = old.first_seen if old.status == fresh.status else now
                changed.append(fresh)
    dead = [old.pk for key, old in stored.items() if key not in judged_now]
    gone = Finding.objects.filter(host=host, container__gone_at__isnull=False).delete()[0] if whole else 0
    Finding.objects.filter(pk__in=dead).delete()
    Finding.objects.bulk_create(new, batch_size=500)
    # An upsert: whole rows are cheaper than bulk_update, which spells out a condition for each value.
    Finding.objects.bulk_create(
        changed,
        batch_size=500,
        update_conflicts=True,
        update_fields=_FINDING_FIELDS,
        unique_fields=("rule", "subject_kind", "subject_pk"),
    )
    return len(new) + len(changed) + len(dead) + gone


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
