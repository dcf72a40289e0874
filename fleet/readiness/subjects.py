"""What a rule is given: one thing and the things around it, all facts, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from fleet.inventory import (
    NOTHING_PROVEN,
    ContainerFacts,
    HostFacts,
    ImageFacts,
    Neighbour,
    NetworkFacts,
    NodeFacts,
    PluginFacts,
    Proven,
    SwarmServiceFacts,
    TagMeaning,
    TaskFacts,
    VolumeFacts,
)
from fleet.readiness.findings import TableTooOldError
from fleet.readiness.policy import Policy, Traits
from fleet.readiness.vocabulary import Stage
from fleet.tables import Tables
from fleet.tables.keeping import Datastore, datastore_of

#: Replicas may differ this long after one of them was made or started: a rollout may be under way.
ROLLOUT: Final = timedelta(minutes=30)
#: A container that removes itself is somebody's one-off job for this long.
ONE_OFF_JOB: Final = timedelta(hours=1)

_NO_LABELS: Mapping[str, str] = {}


def with_policy(ports: Mapping[int, str], decided: Mapping[int, str]) -> Mapping[int, str]:
    return {port: name for port, name in {**ports, **decided}.items() if name} if decided else ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The host that a subject lives on, with everything the last sweeps saw there.

    Of the other containers a rule reads what a `Neighbour` has.
    A part is None when it has never been seen. `networks` has ids AND names as keys, `volumes` names, `images` and
    `proven` ids of images.
    `twins` are other registered hosts whose engine reports the same id, as clones of one machine do.
    """

    host: HostFacts
    now: datetime
    host_name: str = ""  # the name it is registered under
    stage: Stage = Stage.PRODUCTION  # a host without an environment is judged as production
    environment: str = "production"  # its slug
    environment_declared: bool = True  # a person chose it
    twins: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    tables: Tables = field(default_factory=Tables.shipped)
    containers: Sequence[Neighbour] = ()
    images: Mapping[str, ImageFacts] | None = None
    networks: Mapping[str, NetworkFacts] | None = None
    volumes: Mapping[str, VolumeFacts] | None = None
    services: tuple[SwarmServiceFacts, ...] | None = None
    nodes: tuple[NodeFacts, ...] | None = None
    tasks: tuple[TaskFacts, ...] | None = None
    plugins: tuple[PluginFacts, ...] | None = None
    proven: Mapping[str, Proven] = field(default_factory=dict)

    @property
    def datastore_ports(self) -> Mapping[int, str]:
        """Those of the table and those that the policy adds; one that the policy gives no name is no such port."""
        return with_policy(self.tables.ports.entries, self.policy.datastore_ports)

    def table_freshness(self, name: str) -> float:
        """1.0, or 0.5 when the table is older than it should be. Raises MissingFactError when too old to count."""
        fresh = self.tables.freshness(name, self.now.date())
        if fresh is None:
            raise TableTooOldError(name, self.tables.table(name).as_of)
        return fresh


@dataclass(frozen=True, kw_only=True)
class ContainerSubject:
    """`restarts` is how many restarts happened in the last ten minutes, None when only one sweep has been seen.

    `entered_tier` is the tier that people entered for its service, which goes before a label.
    """

    facts: ContainerFacts
    around: Surroundings
    service: str | None = None
    restarts: int | None = None
    entered_tier: int | None = None

    @cached_property
    def image(self) -> ImageFacts | None:
        images = self.around.images
        return images.get(self.facts.image_id or "") if images is not None else None

    @property
    def tag(self) -> TagMeaning | None:
        """What its tag means in the registry; None where nobody registered that, or nobody asked yet."""
        proven = self.around.proven.get(self.facts.image_id or "", NOTHING_PROVEN)
        return proven.tag(self.facts.image_reference or "")

    @cached_property
    def datastore(self) -> Datastore | None:
        """What it keeps and where; None without a sign that it keeps data."""
        return datastore_of(self.facts, self.image, self.around.tables.datastores)

    @cached_property
    def traits(self) -> Traits:
        labels = self.facts.labels or _NO_LABELS
        return Traits(
            environment=self.around.environment,
            stage=self.around.stage,
            tier=self.entered_tier or self.around.policy.tier_of(labels),
            service=self.service,
            image=self.facts.image_reference,
            labels=labels,
        )

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles (edge, cache, job, …) from the label `loadline.role`, comma separated, and those the policy gives."""
        text = self.facts.label("loadline.role", "readiness.role") or ""
        said = frozenset(word.strip().lower() for word in text.split(",") if word.strip())
        return said | self.around.policy.roles_of(self.traits) if self.around.policy.roles else said

    def declared_public(self, port: int) -> bool:
        """Whether the policy names somebody who approved this container port of the service as public."""
        return f"{self.service}:{port}" in self.around.policy.public_ports


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSubject:
    facts: ImageFacts
    around: Surroundings

    @property
    def proven(self) -> Proven:
        """What others than the engine tell of it."""
        return self.around.proven.get(self.facts.id, NOTHING_PROVEN)

    @property
    def traits(self) -> Traits:
        return Traits(
            environment=self.around.environment,
            stage=self.around.stage,
            image=next(iter(self.facts.tags or ()), None),
            labels=self.facts.labels or _NO_LABELS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSubject:
    facts: NetworkFacts
    around: Surroundings

    @property
    def traits(self) -> Traits:
        return Traits(
            environment=self.around.environment, stage=self.around.stage, labels=self.facts.labels or _NO_LABELS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSubject:
    """`users` are the containers on the host that mount the volume, with the service each belongs to."""

    facts: VolumeFacts
    around: Surroundings
    users: tuple[ContainerSubject, ...] = ()

    @property
    def traits(self) -> Traits:
        return Traits(
            environment=self.around.environment, stage=self.around.stage, labels=self.facts.labels or _NO_LABELS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSubject:
    around: Surroundings

    @property
    def facts(self) -> HostFacts:
        return self.around.host

    @property
    def traits(self) -> Traits:
        return Traits(environment=self.around.environment, stage=self.around.stage)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One container of a service, with what a rule about the whole service asks of its host.

    `host` is the name the host is registered under; `node_id` its name in a swarm. `fresh` is False when the host has
    not answered for so long that nothing about the container is evidence any more.
    """

    facts: ContainerFacts
    host: str
    stage: Stage = Stage.PRODUCTION
    environment: str = "production"
    engine: str = "docker"  # HostFacts.kind
    node_id: str | None = None
    fresh: bool = True
    image: ImageFacts | None = None
    volumes: Mapping[str, VolumeFacts] | None = None  # those that it mounts, by name
    tables: Tables = field(default_factory=Tables.shipped)

    @cached_property
    def datastore(self) -> Datastore | None:
        """What it keeps and where; None without a sign that it keeps data."""
        return datastore_of(self.facts, self.image, self.tables.datastores)


@dataclass(frozen=True, kw_only=True)
class ServiceSubject:
    """`members` are the service's containers in the furthest stage that it has reached, on every host, gone ones left
    out; `stage` is that stage.

    `swarm` is what a manager says of the swarm service of that name, with its `tasks` and the `nodes` of the cluster;
    all None where the service is no swarm service or no manager is registered. `all_hosts_answered` is False when a
    host of the fleet is silent, so that a member may run where nobody looks.

    `entered_tier`, `runbook` and `oncall` are what people entered in the catalogue; they go before labels.
    """

    name: str
    members: tuple[Member, ...]
    now: datetime
    stage: Stage = Stage.PRODUCTION
    environment: str = "production"
    team: str = ""
    entered_tier: int | None = None
    runbook: str = ""
    oncall: str = ""
    policy: Policy = field(default_factory=Policy)
    tables: Tables = field(default_factory=Tables.shipped)
    all_hosts_answered: bool = True
    swarm: SwarmServiceFacts | None = None
    tasks: tuple[TaskFacts, ...] | None = None
    nodes: tuple[NodeFacts, ...] | None = None

    @cached_property
    def clock(self) -> datetime:
        """What the time is, for a rule that asks how long ago something was. A judgement that nobody asked this for
        stands however late it gets, until the day ends: rules about dates read `now`.
        """
        return self.now

    @property
    def looked_at_the_clock(self) -> bool:
        return "clock" in self.__dict__

    @cached_property
    def running(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.facts.running)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Of the swarm service and of every member; the first that has a key tells its value."""
        found: dict[str, str] = {}
        parts = [self.swarm.labels, self.swarm.container_labels] if self.swarm else []
        for labels in (*parts, *(member.facts.labels for member in self.members)):
            for key, value in (labels or {}).items():
                found.setdefault(key, value)
        return found

    @cached_property
    def tier(self) -> int | None:
        """1 is the most critical; None when nobody said."""
        return self.entered_tier or self.policy.tier_of(self.labels)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles that any member declares or the policy gives the service."""
        texts = (member.facts.label("loadline.role", "readiness.role") or "" for member in self.members)
        said = frozenset(word.strip().lower() for text in texts for word in text.split(",") if word.strip())
        return said | self.policy.roles_of(self.traits) if self.policy.roles else said

    @cached_property
    def traits(self) -> Traits:
        image = next((member.facts.image_reference for member in self.members if member.facts.image_reference), None)
        labels = self.labels
        return Traits(
            environment=self.environment,
            stage=self.stage,
            tier=self.tier,
            service=self.name,
            image=image,
            labels=labels,
        )


Subject = ContainerSubject | ImageSubject | NetworkSubject | VolumeSubject | HostSubject | ServiceSubject
