"""What a rule is given: one thing and the things around it, all facts, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet.inventory import (
    ContainerFacts,
    HostFacts,
    ImageFacts,
    NetworkFacts,
    NodeFacts,
    PluginFacts,
    SwarmServiceFacts,
    TaskFacts,
    VolumeFacts,
)
from fleet.readiness.policy import Policy
from fleet.readiness.vocabulary import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The host that a subject lives on, with everything the last sweeps saw there.

    A part is None when it has never been seen. `networks` has ids AND names as keys, `volumes` names, `images` ids.
    """

    host: HostFacts
    now: datetime
    stage: Stage = Stage.PRODUCTION  # a host without an environment is judged as production
    policy: Policy = field(default_factory=Policy)
    containers: tuple[ContainerFacts, ...] = ()
    images: Mapping[str, ImageFacts] | None = None
    networks: Mapping[str, NetworkFacts] | None = None
    volumes: Mapping[str, VolumeFacts] | None = None
    services: tuple[SwarmServiceFacts, ...] | None = None
    nodes: tuple[NodeFacts, ...] | None = None
    tasks: tuple[TaskFacts, ...] | None = None
    plugins: tuple[PluginFacts, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSubject:
    """`restarts` is how many restarts happened in the last ten minutes, None when only one sweep has been seen."""

    facts: ContainerFacts
    around: Surroundings
    service: str | None = None
    restarts: int | None = None

    @property
    def image(self) -> ImageFacts | None:
        images = self.around.images
        return images.get(self.facts.image_id or "") if images is not None else None

    @property
    def roles(self) -> frozenset[str]:
        """Declared roles (edge, cache, job, …) from the label `loadline.role`, comma separated."""
        text = self.facts.label("loadline.role", "readiness.role") or ""
        return frozenset(word.strip().lower() for word in text.split(",") if word.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSubject:
    facts: ImageFacts
    around: Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSubject:
    facts: NetworkFacts
    around: Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSubject:
    """`users` are the containers on the host that mount the volume, with the service each belongs to."""

    facts: VolumeFacts
    around: Surroundings
    users: tuple[ContainerSubject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSubject:
    around: Surroundings

    @property
    def facts(self) -> HostFacts:
        return self.around.host


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSubject:
    """`members` are the service's containers on every host, gone ones left out."""

    name: str
    members: tuple[ContainerSubject, ...]
    now: datetime
    all_hosts_answered: bool = True


Subject = ContainerSubject | ImageSubject | NetworkSubject | VolumeSubject | HostSubject | ServiceSubject
