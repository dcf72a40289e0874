"""What one sweep of one host saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from fleet.inventory.container import ContainerFacts
from fleet.inventory.host import HostFacts
from fleet.inventory.image import ImageFacts
from fleet.inventory.network import NetworkFacts
from fleet.inventory.swarm import NodeFacts, PluginFacts, SwarmServiceFacts, TaskFacts
from fleet.inventory.volume import VolumeFacts

#: Kinds of things besides containers: asked for every few minutes, and each when something happened to one.
THINGS: Final = frozenset({"images", "networks", "volumes", "plugins"})


@dataclass(frozen=True, slots=True)
class Gap:
    """One endpoint that did not answer as it should, and the sentence an admin can act on."""

    endpoint: str  # "/volumes"
    reason: str


@dataclass(frozen=True, slots=True)
class Looks:
    """How an engine on which nothing changed is known again, as digests: of `info`, and of its list of `containers`.

    The latter is empty when not every container can be known by its list entry alone. `api` is the version that was
    settled, and `clock` the step that the engine's clock was off by. `engine` is as `info` without what it counts: as
    long as that is the same, /version has nothing new to say.
    """

    api: str
    info: str
    containers: str
    clock: int | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True)
class NothingNew:
    """What one sweep of one host saw when nothing changed since the last one; see `Looks`."""

    taken_at: datetime
    seconds: float
    events_until: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Plain data of one host at one instant; a part that was not seen is None, never an empty tuple.

    /version, /info and /containers/json must answer or there is no snapshot at all. `gaps` names the rest that
    did not, so that recording leaves what it knew of them alone.

    `unchanged` are ids of containers that are there as they were and were not inspected again; they are not among
    `containers`. `remembered` says by id of each one that was inspected how a later sweep knows it again.
    Without `version_told` what only /version tells of the host stays as it was.
    """

    taken_at: datetime
    seconds: float
    host: HostFacts
    containers: tuple[ContainerFacts, ...]
    images: tuple[ImageFacts, ...] | None = None
    images_seen: tuple[ImageFacts, ...] = ()  # without `images`: some of them, beside which others stay as they were
    images_gone: frozenset[str] = frozenset()  # and ids of some that are not there any more
    networks: tuple[NetworkFacts, ...] | None = None
    volumes: tuple[VolumeFacts, ...] | None = None
    services: tuple[SwarmServiceFacts, ...] | None = None  # None also where the engine is no swarm manager
    tasks: tuple[TaskFacts, ...] | None = None
    nodes: tuple[NodeFacts, ...] | None = None
    plugins: tuple[PluginFacts, ...] | None = None
    gaps: tuple[Gap, ...] = field(default=())
    unchanged: frozenset[str] = frozenset()
    running_unchanged: int = 0  # how many of these run
    version_told: bool = True
    remembered: Mapping[str, str] = field(default_factory=dict)
    rotated_until: float | None = None  # the plan's; None where every container was inspected
    # The kinds of THINGS that were asked for; of sizes, usage, probe and events what was answered, too.
    told: frozenset[str] = THINGS
    events_until: float | None = None  # where the next sweep's window of events begins, by the engine's clock
    looks: Looks | None = None  # None where each sweep has to look closer
