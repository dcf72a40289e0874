"""Stored rows as the subjects that rules are put to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.conf import settings

from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.host import stale_after
from fleet.readiness.policy import Policy
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    NetworkSubject,
    Subject,
    Surroundings,
    VolumeSubject,
)
from fleet.readiness.vocabulary import Scope, Stage
from fleet.recording import restarts_in_window

T = TypeVar("T")


def current_policy() -> Policy:
    return Policy(allowed_registries=tuple(settings.LOADLINE_ALLOWED_REGISTRIES))


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject with the row that its findings belong to."""

    subject: Subject
    kind: Scope
    pk: int
    engine_id: str
    name: str
    container: Container | None = None


def container_subjects(rows: Sequence[Container], around: Surroundings, now: datetime) -> dict[int, ContainerSubject]:
    """By the row's key; `around` was made of the same rows and holds their facts in the same order."""
    return {
        row.pk: ContainerSubject(
            facts=facts,
            around=around,
            service=row.service.name if row.service else None,
            restarts=restarts_in_window(row, now=now),
        )
        for row, facts in zip(rows, around.containers, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Things:
    """What is on a host besides containers."""

    images: list[Image]
    networks: list[Network]
    volumes: list[Volume]

    @classmethod
    def load(cls, host: Host) -> Things:
        return cls(
            list(Image.objects.present().filter(host=host)),
            list(Network.objects.present().filter(host=host)),
            list(Volume.objects.present().filter(host=host)),
        )

    def hashes(self) -> list[str]:
        return sorted(row.facts_hash for row in (*self.images, *self.networks, *self.volumes))

    def surroundings(self, host: Host, containers: Iterable[Container], now: datetime) -> Surroundings:
        facts = host.read_facts()
        if facts is None:  # assess_host has looked already
            raise ValueError(f"host {host.name} has no facts yet")
        never, too_old = unanswered(host), lost(host, now)
        images = {row.engine_id: row.read_facts() for row in self.images}
        networks = {key: one for row in self.networks for one in (row.read_facts(),) for key in (one.id, one.name)}
        volumes = {row.name: row.read_facts() for row in self.volumes}

        def known(endpoint: str, part: T | None) -> T | None:
            return None if endpoint in too_old or (endpoint in never and not part) else part

        return Surroundings(
            host=facts,
            now=now,
            stage=Stage(host.environment.stage),
            policy=current_policy(),
            containers=tuple(row.read_facts() for row in containers),
            images=known("images/json", images),
            networks=known("networks", networks),
            volumes=known("volumes", volumes),
            services=known("services", host.swarm_services()),
            nodes=known("nodes", host.swarm_nodes()),
            tasks=known("tasks", host.swarm_tasks()),
            plugins=known("plugins", host.plugins()),
        )


def unanswered(host: Host) -> frozenset[str]:
    """Endpoints that the last sweep got no whole answer from, without their slashes."""
    return frozenset(str(gap["endpoint"]).strip("/") for gap in host.gaps)


def lost(host: Host, now: datetime) -> frozenset[str]:
    """Those of them that have not answered for so long that what they said before is no evidence any more."""
    return frozenset(
        str(gap["endpoint"]).strip("/")
        for gap in host.gaps
        if datetime.fromisoformat(gap["since"]) < now - stale_after()
    )


def rows_of_things(
    host: Host,
    things: Things,
    containers: Sequence[Container],
    around: Surroundings,
    subjects: Mapping[int, ContainerSubject],
) -> list[SubjectRow]:
    """The host itself, its networks, its volumes, and those of its images that containers use."""
    used = {row.image_id for row in containers}
    users: dict[str, list[ContainerSubject]] = {}
    for subject in subjects.values():
        for mount in subject.facts.mounts or ():
            if mount.name:
                users.setdefault(mount.name, []).append(subject)
    rows = [SubjectRow(HostSubject(around=around), Scope.HOST, host.pk, host.name, host.name)]
    rows += [
        SubjectRow(ImageSubject(facts=row.read_facts(), around=around), Scope.IMAGE, row.pk, row.engine_id, row.name)
        for row in things.images
        if row.pk in used
    ]
    rows += [
        SubjectRow(
            NetworkSubject(facts=row.read_facts(), around=around), Scope.NETWORK, row.pk, row.engine_id, row.name
        )
        for row in things.networks
    ]
    rows += [
        SubjectRow(
            VolumeSubject(facts=row.read_facts(), around=around, users=tuple(users.get(row.name, ()))),
            Scope.VOLUME,
            row.pk,
            row.engine_id,
            row.name,
        )
        for row in things.volumes
    ]
    return rows
