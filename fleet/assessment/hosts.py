"""Judging one host and everything on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db import transaction

from fleet.assessment.causes import causes_of
from fleet.assessment.concerned import concerned
from fleet.assessment.findings import Judged, forget_findings, store_findings
from fleet.assessment.flips import note_host
from fleet.assessment.keys import Keys, settling
from fleet.assessment.resting import next_look, resting, twins_of
from fleet.assessment.subjects import SubjectRow, Things, container_subjects, host_subject, lost, thing_subject
from fleet.assessment.subjects import users_of_volumes as users_of
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.governance.policy import InForce, in_force
from fleet.governance.standing import standing_on
from fleet.models import Container, Host, Image, Network, Service, Volume
from fleet.models.judged import JUDGED_FIELDS
from fleet.models.ruled import RULED_FIELDS, Ruled
from fleet.models.writing import save_fields
from fleet.readiness.assess import judge
from fleet.readiness.standing import Standing
from fleet.readiness.subjects import ContainerSubject, Surroundings
from fleet.readiness.vocabulary import Scope
from fleet.reference import current_tables


@dataclass(frozen=True, slots=True)
class Assessed:
    """`services` are those whose verdict may have changed and has to be added up again; `causes` say why."""

    judged: int
    services: frozenset[int]
    causes: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One host's rows, and what judging them takes; nothing of it is written."""

    host: Host
    containers: Sequence[Container]
    things: Things
    policy: InForce
    keys: Keys

    @classmethod
    def load(cls, host: Host, *, now: datetime, policy: InForce | None = None) -> Case:
        """With `policy`, the case as it would be under that one."""
        containers = list(Container.objects.present().filter(host=host))
        services = Service.objects.only("name").in_bulk({row.service_id for row in containers} - {None})
        for row in containers:
            if row.service_id is not None:
                row.service = services[row.service_id]
        things, chosen, tables = Things.load(host), policy or in_force(), current_tables()
        keys = Keys(
            host=host,
            containers=containers,
            things=things,
            policy=chosen,
            tables=tables,
            waivers=standing_on(host, services, now),
            twins=twins_of(host),
            now=now,
        )
        return cls(host, containers, things, chosen, keys)

    @cached_property
    def around(self) -> Surroundings:
        return self.things.surroundings(
            self.host,
            self.containers,
            policy=self.policy.policy,
            tables=self.keys.tables,
            twins=self.keys.twins,
            now=self.keys.now,
        )

    @cached_property
    def subjects(self) -> Mapping[int, ContainerSubject]:
        return container_subjects(self.containers, self.around, self.keys.now)

    def rows(self, *, everything: bool = False) -> list[SubjectRow]:
        """What has to be judged: all that rests on something that changed, or everything."""
        keys = self.keys
        everything = everything or not keys.same_parts
        waiting: list[tuple[Container | Image | Network | Volume | Host, str]] = []
        for container in self.containers:
            key = keys.container(container)
            if everything or settling(container) or container.judged_key != key:
                waiting.append((container, key))
        used = {row.image_id for row in self.containers}
        candidates: list[tuple[Image | Network | Volume | Host, str]] = [
            *((row, keys.image(row)) for row in self.things.images if row.pk in used),
            *((row, keys.network(row)) for row in self.things.networks),
            *((row, keys.volume(row)) for row in self.things.volumes),
            (self.host, keys.whole_host()),
        ]
        waiting += [(row, key) for row, key in candidates if everything or row.judged_key != key]
        return [self._subject_row(row, key) for row, key in waiting]

    def _subject_row(self, row: Container | Image | Network | Volume | Host, key: str) -> SubjectRow:
        if isinstance(row, Container):
            return SubjectRow(self.subjects[row.pk], Scope.CONTAINER, row, row.engine_id, key)
        if isinstance(row, Host):
            return SubjectRow(host_subject(self.around), Scope.HOST, row, row.name, key)
        kind, subject = thing_subject(row, self.around, self._users)
        return SubjectRow(subject, kind, row, row.engine_id, key)

    @cached_property
    def _users(self) -> Mapping[str, Sequence[ContainerSubject]]:
        return users_of(self.subjects)

    def judged(self, row: SubjectRow) -> Judged:
        """What the rules say of it, with the waivers that stand applied."""
        kind, name = _waived_as(row)
        return Judged.of(row, self.keys.waivers.applied(judge(row.subject), kind=kind, name=name))


def _waived_as(row: SubjectRow) -> tuple[str, str]:
    """What a waiver calls it: a container's findings are waived for its service."""
    if row.kind is Scope.CONTAINER:
        return Scope.SERVICE.value, str(row.service_id)
    if row.kind is Scope.HOST:
        return Scope.HOST.value, str(row.pk)
    return row.kind.value, row.engine_id if row.kind is Scope.IMAGE else row.name


def assess_host(host_id: int, *, now: datetime) -> Assessed:
    """Judges the host and everything on it whose facts, surroundings, rules or policy changed since the last time.

    With nothing changed it costs a few reads. Raises nothing for a broken rule: that finding is unknown.
    """
    return assess_row(Host.objects.select_related("environment").get(pk=host_id), now=now)


def assess_row(host: Host, *, now: datetime, notes: Sequence[str] = (), gone: bool = True) -> Assessed:
    """As `assess_host`, of a row as it is stored. `notes` are what recording saw change of the engine itself, for the
    cause of what flips; without `gone` everything is still there that there are findings about.
    """
    if not host.facts:
        return Assessed(0, frozenset())
    case = Case.load(host, now=now)
    parts = {**case.keys.parts, **resting(host, now)}
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
            written += forget_findings(host, _present(case))
        unsaved = _keep(judged)
        touched = _store_verdicts(case, rows, [one.row for one in differing], unsaved, causes=causes)
        _save(unsaved)
        Host.objects.filter(pk=host.pk).update(judged_on=parts, judge_again_at=again)
    return Assessed(written, touched, dict.fromkeys(touched, causes) if causes else {})


def _ruled(one: Judged) -> Ruled:
    ruled: Ruled = one.row.row
    return ruled


def _present(case: Case) -> dict[str, list[int]]:
    used = {row.image_id for row in case.containers}
    return {
        Scope.IMAGE.value: [row.pk for row in case.things.images if row.pk in used],
        Scope.NETWORK.value: [row.pk for row in case.things.networks],
        Scope.VOLUME.value: [row.pk for row in case.things.volumes],
    }


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
        for container in concerned(case.containers, rows, differing)
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
        host.save(update_fields=JUDGED_FIELDS)
        note_host(host, before=before, causes=causes, now=now)
    # A host's findings count against every service on it, and so does its environment.
    judged = [row.container for row in differing if row.container is not None]
    touched = case.containers if host_changed or causes else [*changed, *judged]
    return frozenset(row.service_id for row in touched if row.service_id is not None)
