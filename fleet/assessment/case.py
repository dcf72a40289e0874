"""One host's rows as what rules are put to: of what nothing changed, only as much is read as the rest leans on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Self

from fleet.assessment.candidates import Candidates
from fleet.assessment.findings import Judged
from fleet.assessment.keys import Keys, settling
from fleet.assessment.proven import ProvenOf, read_proven
from fleet.assessment.resting import Outside
from fleet.assessment.subjects import (
    ReadRows,
    SubjectRow,
    Things,
    container_subject,
    host_subject,
    rows_of,
    thing_subject,
)
from fleet.governance.policy import InForce
from fleet.governance.standing import standing_on
from fleet.models import Container, Host, Image, Network, Service, Volume
from fleet.models.container import WATCHED_FIELDS
from fleet.models.judged import JUDGED_FIELDS
from fleet.models.reading import fill
from fleet.readiness.assess import judge
from fleet.readiness.subjects import ContainerSubject, Surroundings
from fleet.readiness.vocabulary import Scope
from fleet.recording import Moved

#: What is read of a container only when it is judged, or added up: most of what there is of it.
_FACTS: Final = ("facts",)
_STANDINGS: Final = ("own_standing", *JUDGED_FIELDS)


@dataclass(frozen=True)
class Case:
    """One host's rows, and what judging them takes; nothing of it is written.

    Facts and standings of containers are not there until `read_for_judging` or `read_standings` has read them.
    """

    host: Host
    containers: Sequence[Container]
    things: Things
    policy: InForce
    keys: Keys

    @classmethod
    def load(cls, host: Host, *, now: datetime, policy: InForce | None = None) -> Self:
        """With `policy`, the case as it would be under that one."""
        (case,) = cls.load_all([host], now=now, outside=Outside.load([host.engine_id], now), policy=policy)
        return case

    @classmethod
    def load_all(
        cls,
        hosts: Sequence[Host],
        *,
        now: datetime,
        outside: Outside,
        policy: InForce | None = None,
        read: ReadRows | None = None,
    ) -> list[Self]:
        """One for each host, read together; of some hosts some things were `read` already."""
        keys, known = [host.pk for host in hosts], read or {}
        containers = rows_of(Container, keys, known, defer=(*_FACTS, *_STANDINGS))
        # Of those stored before it was kept what they are to others.
        fill([row for rows in containers.values() for row in rows if not row.keeps_neighbour], _FACTS)
        things, chosen = Things.load_all(keys, known), policy or outside.policy
        images = {row.pk: row for some in things.values() for row in some.images}
        proven = read_proven((row for rows in containers.values() for row in rows), images, outside.grounds, now)
        return [
            cls._of(host, containers[host.pk], things[host.pk], proven, policy=chosen, outside=outside, now=now)
            for host in hosts
        ]

    @classmethod
    def _of(
        cls,
        host: Host,
        containers: Sequence[Container],
        things: Things,
        proven: ProvenOf,
        *,
        policy: InForce,
        outside: Outside,
        now: datetime,
    ) -> Self:
        services = {row.service_id for row in containers if row.service_id is not None}
        keys = Keys(
            host=host,
            containers=containers,
            things=things,
            policy=policy,
            tables=outside.tables,
            waivers=standing_on(host, services, now, any_stands=outside.any_waived),
            twins=outside.twins_of(host),
            now=now,
            proven={row.pk: proven[row.pk] for row in things.images if row.pk in proven},
        )
        return cls(host, containers, things, policy, keys)

    @cached_property
    def around(self) -> Surroundings:
        return self.things.surroundings(
            self.host,
            [row.neighbour for row in self.containers],
            policy=self.policy.policy,
            tables=self.keys.tables,
            twins=self.keys.twins,
            proven=self.keys.proven,
            now=self.keys.now,
        )

    def subjects(self) -> Mapping[int, ContainerSubject]:
        """Of all containers, by their keys."""
        read_for_judging(self.containers)
        return {row.pk: container_subject(row, self.around, self.keys.now) for row in self.containers}

    def rows(self, *, everything: bool = False) -> list[SubjectRow]:
        """What has to be judged: all that rests on something that changed, or everything."""
        waiting = self.waiting(everything=everything)
        read_for_judging(waiting.read)
        return self.subject_rows(waiting)

    def candidates(self, moved: Moved | None) -> Candidates:
        """What can have another digest than it was judged by, when nothing but this changed; anything when that is
        None.
        """
        if moved is None:
            return Candidates.all_of(self.containers, self.things)
        return Candidates.of(self.containers, self.things, moved, self.keys.proven)

    def waiting(self, chosen: Candidates | None = None, *, everything: bool = False) -> Waiting:
        """As `rows`, before what judging them takes was read; only of what is `chosen`, of whose containers
        `read_watched` has read what is asked.
        """
        keys, chosen = self.keys, chosen or self.candidates(None)
        everything = everything or not keys.same_parts
        containers = [
            (row, key)
            for row in chosen.containers
            for key in (keys.container(row),)
            if everything or settling(row) or row.judged_key != key
        ]
        candidates: list[tuple[Image | Network | Volume | Host, str]] = [
            *((row, keys.image(row)) for row in chosen.images),
            *((row, keys.network(row)) for row in chosen.networks),
            *((row, keys.volume(row)) for row in chosen.volumes),
            (self.host, keys.whole_host()),
        ]
        things = [(row, key) for row, key in candidates if everything or row.judged_key != key]
        return Waiting(containers, things, self._users({row.name for row, _ in things if isinstance(row, Volume)}))

    def subject_rows(self, waiting: Waiting) -> list[SubjectRow]:
        """Of what was read for judging."""
        subjects = {row.pk: container_subject(row, self.around, self.keys.now) for row in waiting.read}
        mounting = {name: [subjects[row.pk] for row in rows] for name, rows in waiting.users.items()}
        return [
            *(
                SubjectRow(subjects[row.pk], Scope.CONTAINER, row, row.engine_id, key)
                for row, key in waiting.containers
            ),
            *(self._thing(row, key, mounting) for row, key in waiting.things),
        ]

    def _users(self, volumes: set[str]) -> dict[str, list[Container]]:
        """Containers by the volumes that they mount."""
        found: dict[str, list[Container]] = {}
        for row in self.containers if volumes else ():
            for name in volumes.intersection(row.neighbour.volume_names):
                found.setdefault(name, []).append(row)
        return found

    def _thing(
        self, row: Image | Network | Volume | Host, key: str, users: Mapping[str, Sequence[ContainerSubject]]
    ) -> SubjectRow:
        if isinstance(row, Host):
            return SubjectRow(host_subject(self.around), Scope.HOST, row, row.name, key)
        kind, subject = thing_subject(row, self.around, users)
        return SubjectRow(subject, kind, row, row.engine_id, key)

    def judged(self, row: SubjectRow) -> Judged:
        """What the rules say of it, with the waivers that stand applied."""
        kind, name = _waived_as(row)
        return Judged.of(row, self.keys.waivers.applied(judge(row.subject), kind=kind, name=name))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has to be judged of one host, each with the digest of what that rests on now; and who uses the volumes."""

    containers: Sequence[tuple[Container, str]]
    things: Sequence[tuple[Image | Network | Volume | Host, str]]
    users: Mapping[str, Sequence[Container]]

    @property
    def read(self) -> list[Container]:
        """Containers whose facts that takes."""
        users = {row.pk: row for rows in self.users.values() for row in rows}
        return list((users | {row.pk: row for row, _ in self.containers}).values())

    def __bool__(self) -> bool:
        return bool(self.containers or self.things)


def read_for_judging(rows: Sequence[Container]) -> None:
    """Facts, standings and what is asked of services, of containers on any hosts: four queries at most."""
    read_watched(rows)
    fill(rows, _FACTS)
    fill(rows, _STANDINGS)
    nameless = [row for row in rows if row.service_id is not None and not Container.service.is_cached(row)]
    services = Service.objects.only("name", "tier").in_bulk({row.service_id for row in nameless}) if nameless else {}
    for row in nameless:
        row.service = services[row.service_id]


def read_watched(rows: Sequence[Container]) -> None:
    """What the digests of these containers, on any hosts, are made of; one query at most."""
    fill(rows, WATCHED_FIELDS)


def read_standings(rows: Sequence[Container]) -> None:
    """As `read_for_judging`, of those that are only added up."""
    fill(rows, _STANDINGS)


def _waived_as(row: SubjectRow) -> tuple[str, str]:
    """What a waiver calls it: a container's findings are waived for its service."""
    if row.kind is Scope.CONTAINER:
        return Scope.SERVICE.value, str(row.service_id)
    if row.kind is Scope.HOST:
        return Scope.HOST.value, str(row.pk)
    return row.kind.value, row.engine_id if row.kind is Scope.IMAGE else row.name


def used_things(cases: Sequence[Case]) -> Mapping[str, Sequence[int]]:
    """Keys of what there are findings about besides containers and the hosts, by kind."""
    used = {row.image_id for case in cases for row in case.containers}
    return {
        Scope.IMAGE.value: [row.pk for case in cases for row in case.things.images if row.pk in used],
        Scope.NETWORK.value: [row.pk for case in cases for row in case.things.networks],
        Scope.VOLUME.value: [row.pk for case in cases for row in case.things.volumes],
    }
