"""Stored rows as the subjects that rules are put to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from fleet.assessment.proven import ProvenOf
from fleet.inventory import Neighbour
from fleet.models import Container, Host, Image, Network, Service, Volume
from fleet.models.host import stale_after
from fleet.models.reading import read_rows
from fleet.models.remembering import recall
from fleet.models.ruled import Ruled
from fleet.models.seen import Seen
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
from fleet.recording import RESTART_WINDOW, restarts_in_window
from fleet.tables import Tables

#: What is long of things, and what nobody asks of most of them.
_LATER = ("facts", "own_standing", "first_seen", "changed_at")

T = TypeVar("T")
Row = TypeVar("Row", bound=Seen)


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject with the row that its findings belong to, and the digest of all that they rest on."""

    subject: Subject
    kind: Scope
    row: Container | Image | Network | Volume | Host | Service
    engine_id: str
    key: str

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def container(self) -> Container | None:
        return self.row if isinstance(self.row, Container) else None

    @property
    def host_id(self) -> int | None:
        if isinstance(self.row, Service):
            return None
        return self.row.pk if isinstance(self.row, Host) else self.row.host_id

    @property
    def service_id(self) -> int | None:
        if isinstance(self.row, Service):
            return self.row.pk
        return self.row.service_id if isinstance(self.row, Container) else None

    @property
    def judged_before(self) -> bool:
        ruled: Ruled = self.row
        return bool(ruled.findings_hash)


def container_subject(row: Container, around: Surroundings, now: datetime) -> ContainerSubject:
    """Of a row with its facts."""
    return ContainerSubject(
        facts=row.read_facts(),
        around=around,
        service=row.service.name if row.service else None,
        restarts=restarts_in_window(row, now=now),
        entered_tier=row.service.tier if row.service else None,
    )


#: All rows of a kind that are there, of some hosts and some kinds, by the host's key.
ReadRows = Mapping[int, Mapping[type[Seen], Sequence[Seen]]]


def rows_of(
    model: type[Row], hosts: Sequence[int], read: ReadRows, *, defer: Sequence[str] = ()
) -> dict[int, list[Row]]:
    """What is there of one kind, by the key of each of these hosts; one query for those of which it was not `read`."""
    found = {key: [row for row in read.get(key, {}).get(model, ()) if isinstance(row, model)] for key in hosts}
    if lacking := [key for key in hosts if model not in read.get(key, {})]:
        rows = model._default_manager.filter(gone_at__isnull=True, host__in=lacking)  # noqa: SLF001
        for row in read_rows(rows, defer=defer):
            found[row.host_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class Things:
    """What is on a host besides containers."""

    images: list[Image]
    networks: list[Network]
    volumes: list[Volume]

    @classmethod
    def load_all(cls, hosts: Sequence[int], read: ReadRows) -> dict[int, Things]:
        """By the key of each of these hosts; what was `read` of a host before is not read again. Facts are not there
        until `recall` gives them, nor own standings until `read_parts` of fleet.assessment.verdicts does.
        """
        images, networks = rows_of(Image, hosts, read, defer=_LATER), rows_of(Network, hosts, read, defer=_LATER)
        volumes = rows_of(Volume, hosts, read, defer=_LATER)
        return {key: cls(images[key], networks[key], volumes[key]) for key in hosts}

    @classmethod
    def recall(cls, some: Sequence[Things]) -> None:
        """Gives all of them their facts; three queries at most."""
        recall([row for one in some for row in one.images])
        recall([row for one in some for row in one.networks])
        recall([row for one in some for row in one.volumes])

    def hashes(self) -> list[str]:
        return sorted(row.facts_hash for row in (*self.images, *self.networks, *self.volumes))

    def surroundings(
        self,
        host: Host,
        containers: Sequence[Neighbour],
        *,
        policy: Policy,
        tables: Tables,
        twins: tuple[str, ...],
        proven: ProvenOf,
        now: datetime,
    ) -> Surroundings:
        facts = host.read_facts()
        if facts is None:  # assess_host has looked already
            raise ValueError(f"host {host.name} has no facts yet")
        never, too_old = unanswered(host), lost(host, now)
        Things.recall([self])
        images = {row.engine_id: row.read_facts() for row in self.images}
        networks = {key: one for row in self.networks for one in (row.read_facts(),) for key in (one.id, one.name)}
        volumes = {row.name: row.read_facts() for row in self.volumes}

        def known(endpoint: str, part: T | None) -> T | None:
            return None if endpoint in too_old or (endpoint in never and not part) else part

        return Surroundings(
            host=facts,
            now=now,
            host_name=host.name,
            stage=Stage(host.environment.stage),
            environment=host.environment.slug,
            environment_declared=host.environment_declared,
            twins=twins,
            policy=policy,
            tables=tables,
            containers=containers,
            images=known("images/json", images),
            networks=known("networks", networks),
            volumes=known("volumes", volumes),
            services=known("services", host.swarm_services()),
            nodes=known("nodes", host.swarm_nodes()),
            tasks=known("tasks", host.swarm_tasks()),
            plugins=known("plugins", host.plugins()),
            proven={row.engine_id: proven[row.pk] for row in self.images if row.pk in proven},
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


def failed_of_late(host: Host, now: datetime) -> int:
    """How many swarm tasks failed within the window that restarts are counted over."""
    tasks = host.swarm_tasks() or ()
    failed = (task.at for task in tasks if task.state in {"failed", "rejected"} and task.at is not None)
    return sum(1 for at in failed if at > now - RESTART_WINDOW)


def thing_subject(
    row: Image | Network | Volume, around: Surroundings, users: Mapping[str, Sequence[ContainerSubject]]
) -> tuple[Scope, Subject]:
    """What rules are put to for an image, a network or a volume."""
    if isinstance(row, Image):
        return Scope.IMAGE, ImageSubject(facts=row.read_facts(), around=around)
    if isinstance(row, Network):
        return Scope.NETWORK, NetworkSubject(facts=row.read_facts(), around=around)
    return Scope.VOLUME, VolumeSubject(facts=row.read_facts(), around=around, users=tuple(users.get(row.name, ())))


def host_subject(around: Surroundings) -> HostSubject:
    return HostSubject(around=around)
