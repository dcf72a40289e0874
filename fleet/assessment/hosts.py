"""Judging one host and everything on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from fleet.assessment.case import Case, used_things
from fleet.assessment.causes import causes_of
from fleet.assessment.concerned import concerned
from fleet.assessment.findings import Judged, forget_findings, store_findings
from fleet.assessment.flips import note_host
from fleet.assessment.resting import Outside, next_look, resting
from fleet.assessment.subjects import SubjectRow, lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.models import Host
from fleet.models.judged import JUDGED_FIELDS
from fleet.models.ruled import RULED_FIELDS, Ruled
from fleet.models.writing import save_fields
from fleet.readiness.standing import Standing


@dataclass(frozen=True, slots=True)
class Assessed:
    """`services` are those whose verdict may have changed and has to be added up again; `causes` say why."""

    judged: int
    services: frozenset[int]
    causes: Mapping[int, Sequence[str]] = field(default_factory=dict)


def assess_host(host_id: int, *, now: datetime) -> Assessed:
    """Judges the host and everything on it whose facts, surroundings, rules or policy changed since the last time.

    With nothing changed it costs a few reads. Raises nothing for a broken rule: that finding is unknown.
    """
    return assess_row(Host.objects.select_related("environment").get(pk=host_id), now=now)


def assess_row(
    host: Host,
    *,
    now: datetime,
    notes: Sequence[str] = (),
    gone: bool = True,
    outside: Outside | None = None,
) -> Assessed:
    """As `assess_host`, of a row as it is stored. `notes` are what recording saw change of the engine itself, for the
    cause of what flips; without `gone` everything is still there that there are findings about. `outside` is what was
    read for many hosts together.
    """
    if not host.facts:
        return Assessed(0, frozenset())
    known = outside or Outside.load([host.engine_id], now)
    case = Case.load(host, now=now, outside=known)
    parts = {**case.keys.parts, **resting(host, known, now)}
    rows = case.rows()
    again = next_look(host, case.containers, now)
    if not rows and host.judged_on == parts and host.judge_again_at == again:
        return Assessed(0, frozenset())
    causes = causes_of(host, parts, notes)
    judged = [case.judged(row) for row in rows]
    differing = [one for one in judged if one.digest != _ruled(one).findings_hash]
    with transaction.atomic(savepoint=False):
        written = store_findings(host, differing, now=now)
        if gone:
            written += forget_findings(host, used_things(case))
        unsaved = _keep(judged)
        touched = _store_verdicts(case, rows, [one.row for one in differing], unsaved, causes=causes)
        of_host = {"judged_on": parts, "judge_again_at": again}
        of_host |= {name: getattr(host, name) for name in unsaved.pop(host, ())}
        _save(unsaved)
        Host.objects.filter(pk=host.pk).update(**of_host)
    return Assessed(written, touched, dict.fromkeys(touched, causes) if causes else {})


def _ruled(one: Judged) -> Ruled:
    ruled: Ruled = one.row.row
    return ruled


#: Rows with the fields of each that differ from what is stored.
Unsaved = dict[Ruled, tuple[str, ...]]


def _keep(judged: Sequence[Judged]) -> Unsaved:
    """Sets standing, digest and key of each subject; only the key where the findings stayed the same."""
    unsaved: Unsaved = {}
    for one in judged:
        row = _ruled(one)
        if row.findings_hash != one.digest:
            row.keep_own_standing(Standing.of(one.findings))
            row.findings_hash = one.digest
            unsaved[row] = RULED_FIELDS
        elif row.judged_key != one.row.key:
            unsaved[row] = ("judged_key",)
        row.judged_key = one.row.key
    return unsaved


def _save(unsaved: Unsaved) -> None:
    """Each row once, as a container with its facts is several pages long; those of one kind together."""
    alike: dict[tuple[type[Ruled], tuple[str, ...]], list[Ruled]] = {}
    for row, names in unsaved.items():
        alike.setdefault((type(row), names), []).append(row)
    for (_, names), rows in alike.items():
        save_fields(rows, names)


def _store_verdicts(
    case: Case, rows: Sequence[SubjectRow], differing: Sequence[SubjectRow], unsaved: Unsaved, *, causes: Sequence[str]
) -> frozenset[int]:
    """Verdicts of the host and of the containers that something changed for; the services that hang on them."""
    host, now, thresholds = case.host, case.keys.now, case.policy.policy.thresholds
    silent, parts = lost(host, now), Parts(case.things)
    changed = [
        container
        for container in case.with_standings(concerned(case.containers, rows, differing))
        if set_verdict(
            container,
            parts.standing(container),
            now,
            thresholds=thresholds,
            doubted=parts.doubted(container, silent),
        )
    ]
    unsaved |= {container: (*unsaved.get(container, ()), *JUDGED_FIELDS) for container in changed}
    before = (host.verdict, host.read_standing(), host.judged_at)
    host_changed = set_verdict(host, host.read_own_standing(), now, thresholds=thresholds)
    if host_changed:
        unsaved[host] = (*unsaved.get(host, ()), *JUDGED_FIELDS)
        note_host(host, before=before, causes=causes, now=now)
    # A host's findings count against every service on it, and so does its environment.
    judged = [row.container for row in differing if row.container is not None]
    touched = case.containers if host_changed or causes else [*changed, *judged]
    return frozenset(row.service_id for row in touched if row.service_id is not None)
