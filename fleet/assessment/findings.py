"""What rules say, stored: read only for subjects that are said other things of, written only where it differs.

What somebody has to look at is a row of Finding. The rest of a subject is one sheet, which names a pattern that many
subjects share and says what of it is its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, ne
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Q, QuerySet

from fleet.assessment.subjects import SubjectRow
from fleet.governance.standing import offending
from fleet.inventory.plain import fingerprint
from fleet.models import AnswerPattern, AnswerSheet, Container, Finding, Image, Network, Volume
from fleet.models.answer_pattern import Answer, Pattern, encoded
from fleet.models.answer_sheet import Sheet
from fleet.models.finding import OPEN
from fleet.models.seen import Seen
from fleet.models.writing import insert_rows, update_rows, upsert_rows
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
_ON_A_SHEET = ("service", "subject_name", "pattern", "since", "own")
_SHEET = ("subject_kind", "subject_pk", "subject_id", "host", "container", *_ON_A_SHEET)
#: Goes into every digest of what was said: another number, and everything is stored anew when it is judged next.
_STORED_AS: Final = "on sheets"
#: A sheet may say a quarter of its pattern's answers otherwise; with so many patterns of one shape, any number of them.
_OWN_SHARE: Final = 4
_MOST_PATTERNS: Final = 8


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
        return cls(row, findings, fingerprint(_STORED_AS, row.name, row.service_id, said))


def store_findings(judged: Sequence[Judged], *, now: datetime) -> Counter[int | None]:
    """Writes what differs from what is stored of these subjects; returns how many rows, by the host's key."""
    written: Counter[int | None] = Counter()
    wanted = _wanted([one.row for one in judged])
    stored, sheets = _stored(wanted), _sheets(wanted)
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for one in judged:
        kind, pk = one.row.kind.value, one.row.pk
        for rule, fresh in _rows(one):
            old = stored.get((kind, pk, rule))
            if old is None:
                new.append((*fresh, now))
                written[one.row.host_id] += 1
                continue
            del stored[kind, pk, rule]
            if old.compared != fresh[: len(_COMPARED)]:
                changed.append((*fresh, old.first_seen if old.status == fresh[0] else now))
                written[one.row.host_id] += 1
    written += _store_sheets(judged, sheets, stored, now)
    if stored:
        hosts = {(one.row.kind.value, one.row.pk): one.row.host_id for one in judged}
        written.update(hosts[kind, pk] for kind, pk, _ in stored)
        Finding.objects.filter(pk__in=[old.pk for old in stored.values()]).delete()
    insert_rows(Finding, _WRITTEN, new)
    upsert_rows(Finding, _WRITTEN, changed, unique=_UNIQUE)
    return written


def _store_sheets(
    judged: Sequence[Judged],
    sheets: Mapping[tuple[str, int], _OldSheet],
    rows: Mapping[tuple[str, int, str], _Old],
    now: datetime,
) -> Counter[int | None]:
    """`rows` are those of findings that are open no more, or were stored as rows once whatever they said."""
    answers = [Pattern(_answers(one)) for one in judged]
    patterns = _Patterns.load(said.shape for said in answers)
    written: Counter[int | None] = Counter()
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    empty: list[int] = []
    for one, said in zip(judged, answers, strict=True):
        kind, pk, host = one.row.kind.value, one.row.pk, one.row.host_id
        old = sheets.get((kind, pk))
        if not said.answers:
            empty += [old.pk] if old else []
            written[host] += 1 if old else 0
            continue
        before = dict(old.moments) if old else {}
        if rows:
            stored = ((a.rule, rows.get((kind, pk, a.rule))) for a in said.answers)
            before |= {rule: (row.status, row.first_seen) for rule, row in stored if row}
        told_before = ((a.status, before.get(a.rule, ("", now))) for a in said.answers)
        moments = [at if status == was else now for status, (was, at) in told_before]
        sheet = Sheet.of(said, moments, pattern=patterns.nearest(said))
        told = (one.row.service_id, one.row.name[:255], sheet.pattern.digest, sheet.since, sheet.own)
        if old is None:
            container = one.row.container
            new.append((kind, pk, one.row.engine_id, host, container and container.pk, *told))
        elif old.told != told:
            changed.append((old.pk, *told))
        else:
            continue
        written[host] += 1
    if empty:
        AnswerSheet.objects.filter(pk__in=empty).delete()
    AnswerPattern.objects.add(patterns.new, now)
    insert_rows(AnswerSheet, _SHEET, new)
    update_rows(AnswerSheet, _ON_A_SHEET, changed)
    return written


class _Patterns:
    """Patterns of some shapes, those that are stored and those that this judgement adds."""

    def __init__(self, held: dict[int, list[Pattern]]) -> None:
        self.new: list[Pattern] = []
        self._held = held

    @classmethod
    def load(cls, shapes: Iterable[int]) -> _Patterns:
        held = AnswerPattern.objects.all().held(set(shapes))
        read = AnswerPattern.objects.all().read([digest for some in held.values() for digest in some])
        return cls({shape: [read[digest] for digest in some] for shape, some in held.items()})

    def nearest(self, said: Pattern) -> Pattern:
        """That which says most of it; a new one where none says enough."""
        held = self._held.setdefault(said.shape, [])
        differing = [sum(map(ne, said.told, one.told)) for one in held]
        if held and (min(differing) <= len(said.answers) // _OWN_SHARE or len(held) >= _MOST_PATTERNS):
            return held[differing.index(min(differing))]
        self.new.append(said)
        held.append(said)
        return said


def _answers(one: Judged) -> tuple[Answer, ...]:
    """Of what nobody has to look at, by rule: cursors go through them in this order."""
    return tuple(
        Answer(
            f.rule,
            f.pillar.value,
            f.severity.value,
            f.status.value,
            f.core_gate,
            msgspec.Raw(encoded(dict(f.evidence))),
            f.reason,
        )
        for f in sorted(one.findings, key=attrgetter("rule"))
        if f.status not in OPEN
    )


def forget_findings(hosts: Collection[int], present: Mapping[str, Collection[int]]) -> Counter[int | None]:
    """Drops what is said of things of these hosts that are not present any more; `present` has keys by kind of subject,
    those of all the hosts. Returns how many rows that were, by the host's key.
    """
    gone = Q(container__gone_at__isnull=False)
    for kind, rows in present.items():
        gone |= Q(subject_kind=kind) & ~Q(subject_pk__in=rows)
    dropped = _dropped(gone & Q(host__in=hosts))
    if dropped:
        _judge_when_back(Container.objects.filter(host__in=dropped, gone_at__isnull=False))
        for model, kind in _MODELS:
            if kind.value in present:
                here = model._default_manager.filter(host__in=dropped)  # noqa: SLF001 - the name that all models share
                _judge_when_back(here.exclude(pk__in=present[kind.value]))
    return dropped


def forget_findings_about(went: Mapping[str, Collection[int]]) -> Counter[int | None]:
    """As `forget_findings`, of what is known to have gone: keys by kind of subject."""
    gone = Q()
    for model, kind in _MODELS:
        if keys := went.get(kind.value):
            gone |= Q(subject_kind=kind.value, subject_pk__in=keys)
            _judge_when_back(model._default_manager.filter(pk__in=keys))  # noqa: SLF001 - the name that all models share
    return _dropped(gone) if gone else Counter()


def _dropped(gone: Q) -> Counter[int | None]:
    dropped: Counter[int | None] = Counter()
    for stored in (Finding.objects.all(), AnswerSheet.objects.all()):
        # The keys first: one statement that looks into the table that it deletes from is a walk through all of it for
        # each row as soon as PostgreSQL guesses its size wrong.
        keys = dict(stored.filter(gone).order_by().values_list("pk", "host"))
        if keys:
            stored.filter(pk__in=keys).delete()
            dropped.update(keys.values())
    return dropped


#: What findings are about and may go while its host stays.
_MODELS: Final[tuple[tuple[type[Seen], Scope], ...]] = (
    (Container, Scope.CONTAINER), (Image, Scope.IMAGE), (Network, Scope.NETWORK), (Volume, Scope.VOLUME),
)  # fmt: skip


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


class _OldSheet(NamedTuple):
    """What is needed of a stored sheet: `told` is what is compared."""

    pk: int
    told: tuple[Any, ...]
    moments: Mapping[str, tuple[str, datetime]]


def _wanted(rows: Sequence[SubjectRow]) -> Q | None:
    """Subjects that were judged before; of a new one nothing is stored."""
    by_kind: dict[str, list[int]] = {}
    for row in rows:
        if row.judged_before:
            by_kind.setdefault(row.kind.value, []).append(row.pk)
    wanted = Q()
    for kind, keys in by_kind.items():
        wanted |= Q(subject_kind=kind, subject_pk__in=keys)
    return wanted if by_kind else None


def _stored(wanted: Q | None) -> dict[tuple[str, int, str], _Old]:
    if wanted is None:
        return {}
    names = ("subject_kind", "subject_pk", "rule", "pk", "first_seen", *_COMPARED)
    found = Finding.objects.filter(wanted).order_by().values_list(*names)
    return {(kind, pk, rule): _Old(key, seen, tuple(compared)) for kind, pk, rule, key, seen, *compared in found}


def _sheets(wanted: Q | None) -> dict[tuple[str, int], _OldSheet]:
    if wanted is None:
        return {}
    names = ("subject_kind", "subject_pk", "pk", *_ON_A_SHEET)
    found = list(AnswerSheet.objects.filter(wanted).order_by().values_list(*names))
    patterns = AnswerPattern.objects.all().read({digest for *_, digest, _, _ in found})
    return {
        (kind, pk): _OldSheet(key, (service, name, digest, since, own), Sheet(patterns[digest], since, own).moments())
        for kind, pk, key, service, name, digest, since, own in found
    }


def _rows(one: Judged) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rule and a row of `_FIELDS` for each of its open findings."""
    row = one.row
    container, service = row.container, row.service_id
    subject = (row.kind.value, row.pk, row.engine_id, row.host_id, container and container.pk)
    name = row.name[:255]
    for f in one.findings:
        if f.status not in OPEN:
            continue
        severity = f.severity.value
        yield (
            f.rule,
            (
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
            ),
        )
