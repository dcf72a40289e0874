"""Findings of rules as rows: read only for subjects that are said other things of, written only where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from fleet.assessment.subjects import SubjectRow
from fleet.governance.standing import offending
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Finding, Host, Image, Network, Volume
from fleet.models.writing import insert_rows, upsert_rows
from fleet.readiness.findings import Finding as Judgement
from fleet.readiness.vocabulary import Scope, Severity, Status

_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}
#: All of a row, what is compared first: status, severity, evidence, reason and what else may differ.
_COMPARED = (
    "status", "severity", "evidence", "reason", "service", "subject_name", "pillar", "core_gate", "blind", "cis",
    "fingerprint", "waiver",
)  # fmt: skip
_FIELDS = (*_COMPARED, "severity_rank", "rule", "subject_kind", "subject_pk", "subject_id", "host", "container")
_WRITTEN = (*_FIELDS, "first_seen")
_UNIQUE = ("subject_kind", "subject_pk", "rule")


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


def store_findings(judged: Sequence[Judged], *, now: datetime) -> Counter[int | None]:
    """Writes what differs from the stored findings of these subjects; returns how many rows, by the host's key."""
    written: Counter[int | None] = Counter()
    stored = _stored([one.row for one in judged])
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for one in judged:
        kind, pk = one.row.kind.value, one.row.pk
        for judgement, fresh in zip(one.findings, _rows(one), strict=True):
            old = stored.pop((kind, pk, judgement.rule), None)
            if old is None:
                new.append((*fresh, now))
            elif old.compared != fresh[: len(_COMPARED)]:
                changed.append((*fresh, old.first_seen if old.status == fresh[0] else now))
            else:
                continue
            written[one.row.host_id] += 1
    if stored:
        hosts = {(one.row.kind.value, one.row.pk): one.row.host_id for one in judged}
        written.update(hosts[kind, pk] for kind, pk, _ in stored)
        Finding.objects.filter(pk__in=[old.pk for old in stored.values()]).delete()
    insert_rows(Finding, _WRITTEN, new)
    upsert_rows(Finding, _WRITTEN, changed, unique=_UNIQUE)
    return written


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


class _Old(NamedTuple):
    """What is needed of a stored finding."""

    pk: int
    first_seen: datetime
    compared: tuple[Any, ...]

    @property
    def status(self) -> str:
        return str(self.compared[0])


def _stored(rows: Sequence[SubjectRow]) -> dict[tuple[str, int, str], _Old]:
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
    names = ("subject_kind", "subject_pk", "rule", "pk", "first_seen", *_COMPARED)
    found = Finding.objects.filter(wanted).order_by().values_list(*names)
    return {(kind, pk, rule): _Old(key, seen, tuple(compared)) for kind, pk, rule, key, seen, *compared in found}


def _rows(one: Judged) -> Iterator[tuple[Any, ...]]:
    """A row of `_FIELDS` for each of its findings."""
    row = one.row
    container, service = row.container, row.service_id
    subject = (row.kind.value, row.pk, row.engine_id, row.host_id, container and container.pk)
    name = row.name[:255]
    for f in one.findings:
        severity = f.severity.value
        yield (
            f.status.value,
            severity,
            dict(f.evidence),
            f.reason,
            service,
            name,
            f.pillar.value,
            f.core_gate,
            f.blind,
            None if f.cis is None else list(f.cis),
            offending(f) if f.status is Status.FAIL else "",
            f.waiver,
            _RANK[severity],
            f.rule,
            *subject,
        )
