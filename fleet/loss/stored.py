"""What the question about a loss is put to: services with their replicas, and the machines under them, as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from fleet.inventory import ContainerFacts, ImageFacts, NetworkFacts, NodeFacts, SwarmServiceFacts, VolumeFacts
from fleet.loss.words import short
from fleet.state import Holding
from fleet.tables.shapes import StatefulImage

#: Networks that every engine has and no plugin makes.
BUILT_IN_NETWORKS: Final = frozenset({"bridge", "host", "ipvlan", "macvlan", "null", "none", "overlay"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What is lost, for good and together: hosts by name, plugins by the name of their driver, networks by id, and
    registries by name. `plugin_hosts` are those on which the plugins have anything; None where that is not known.
    """

    hosts: frozenset[str] = frozenset()
    plugins: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    registries: frozenset[str] = frozenset()
    plugin_hosts: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.hosts or self.plugins or self.networks or self.registries)

    def plugin(self, driver: str | None) -> bool:
        """Whether the driver's plugin is among what is lost; a managed one is also known without its tag."""
        return bool(driver) and bool({driver, str(driver).removesuffix(":latest")} & self.plugins)


class Works(StrEnum):
    """Whether a replica does its work now, as far as its engine tells."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One container of a service. `fresh` says that its host answered lately enough to be believed.

    `volumes` and `networks` (ids) are None when they were not told. `facts` and `holdings` are read only of those that
    hang on what is lost; without them nothing is known of moving it and of its state. `image_there` says whether its
    image is still on its host.
    """

    id: str
    name: str
    host: str
    state: str | None
    health: str | None
    fresh: bool = True
    expected: bool = True  # it runs, or its restart policy wants it to
    network_mode: str | None = None
    networks: tuple[str, ...] | None = None
    volumes: tuple[str, ...] | None = None
    image_reference: str | None = None
    image_id: str | None = None
    image_there: bool | None = None
    node_id: str | None = None  # of a task of a swarm
    facts: ContainerFacts | None = None
    image: ImageFacts | None = None
    holdings: tuple[Holding, ...] | None = None

    @property
    def works(self) -> Works:
        if not self.fresh or not self.state:
            return Works.MAYBE
        if self.state != "running" or self.health == "unhealthy":
            return Works.NO
        return Works.YES if self.health in {"healthy", "none"} else Works.MAYBE

    @property
    def place(self) -> str:
        return f"{self.short_name} on {self.host}"

    @property
    def short_name(self) -> str:
        return short(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One service with every replica of it, on what is lost and elsewhere. `tier` 1 is the most critical.

    `swarm` is what a manager says of it, None where none is registered; `in_swarm` that its containers are tasks.
    """

    key: int
    name: str
    slug: str = ""
    team: str = ""
    tier: int | None = None
    stage: str = "production"
    replicas: tuple[Replica, ...] = ()
    in_swarm: bool = False
    swarm: SwarmServiceFacts | None = None
    cluster: str | None = None
    family: StatefulImage | None = None  # of a datastore that replicates by itself
    family_told: bool = True  # False where no image has a name, so that it may be one

    @property
    def members(self) -> int:
        """Of a datastore that replicates by itself: how many take part in a vote, running or not."""
        return sum(1 for one in self.replicas if one.expected or one.works is not Works.NO)

    @property
    def majority(self) -> int:
        return self.members // 2 + 1 if self.members > 1 else 1

    @property
    def needed(self) -> int:
        """How many replicas it takes to do its work: one, or a majority of the members."""
        return self.majority if self.family else 1

    @property
    def needed_at_most(self) -> int:
        return self.majority if self.family or not self.family_told else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A registered host. `node_id` is empty where it is known to be in no swarm, and None where that is not known.

    What is None was not told; ports are those that are taken, as (address, number, protocol).
    """

    name: str
    environment: str = ""
    fresh: bool = True
    node_id: str | None = None
    cluster: str | None = None
    architecture: str | None = None
    volume_plugins: frozenset[str] | None = None
    network_plugins: frozenset[str] | None = None
    runtimes: frozenset[str] | None = None
    ports: frozenset[tuple[str, int, str]] | None = None
    images: frozenset[str] | None = None  # ids and tags of those that were asked for
    volumes: Mapping[str, VolumeFacts] | None = None
    keeps: Mapping[str, bool | None] | None = None  # whether a volume's data outlive the host, by its name
    networks: Mapping[str, NetworkFacts] | None = None  # by id and by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """A cluster, as one of its managers tells of it; None where none is registered."""

    id: str
    nodes: tuple[NodeFacts, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Everything that is read for one question."""

    cases: tuple[Case, ...] = ()
    machines: Mapping[str, Machine] = field(default_factory=dict)
    swarms: Mapping[str, Swarm] = field(default_factory=dict)
    #: Hosts of which what could move is tried, by name.
    candidates: tuple[str, ...] = ()

    @cached_property
    def by_container(self) -> Mapping[tuple[str, str], Replica]:
        """Replicas by host and id, and by host and name: what `container:NAME` may say."""
        found: dict[tuple[str, str], Replica] = {}
        for case in self.cases:
            for one in case.replicas:
                found[one.host, one.id] = found[one.host, one.name] = one
        return found

    def lost_nodes(self, lost: Lost) -> frozenset[str] | None:
        """Ids of the nodes that are lost with the hosts; None when of one of them nobody knows whether it is a node."""
        there = [self.machines[name] for name in lost.hosts if name in self.machines]
        if len(there) < len(lost.hosts) or any(one.node_id is None for one in there):
            return None
        return frozenset(one.node_id for one in there if one.node_id)
