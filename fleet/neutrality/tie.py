"""What a tie is: one thing that keeps a container on its engine or with one vendor."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import ClassVar, Final, TypeVar

import msgspec

from fleet.inventory import ContainerFacts, ImageFacts, SwarmServiceFacts
from fleet.neutrality.vocabulary import Effort
from fleet.tables import Tables

T = TypeVar("T")

DOCKER: Final = frozenset({"docker"})
PODMAN: Final = frozenset({"podman"})
EITHER: Final = DOCKER | PODMAN


class MissingFactError(Exception):
    """The engine did not report what is needed to tell; the text is the engine's name for it."""


def known(value: T | None, name: str) -> T:
    """The value, or MissingFactError: what is missing must never read as neutral."""
    if value is None:
        raise MissingFactError(name)
    return value


@dataclass(frozen=True, kw_only=True)
class Part:
    """One container of a service, with what its ties are read from.

    `networks` has the driver of each network of the host, by id and by name, None where it was not told. `swarm` is
    what a manager says of the swarm service that the container is a task of.
    """

    facts: ContainerFacts
    engine: str = "docker"  # HostFacts.kind
    os_type: str | None = "linux"
    image: ImageFacts | None = None
    networks: Mapping[str, str | None] = field(default_factory=dict)
    swarm: SwarmServiceFacts | None = None
    tables: Tables = field(default_factory=Tables.shipped)

    @cached_property
    def network_drivers(self) -> tuple[str, ...]:
        """Of the networks that it is attached to, sorted. Raises MissingFactError."""
        mode = known(self.facts.network_mode, "HostConfig.NetworkMode")
        if mode in {"host", "none"} or mode.startswith("container:"):
            return ()
        attached = known(self.facts.networks, "NetworkSettings.Networks")
        told = [self.networks.get(one.network_id or "") or self.networks.get(one.name) for one in attached]
        return tuple(sorted({known(driver, "Network.Driver") for driver in told}))

    @property
    def alike(self) -> str:
        """Equal for containers whose ties are: replicas differ in nothing that any tie is read from."""
        facts, image = self.facts, self.image
        drivers = [
            self.networks.get(one.network_id or "") or self.networks.get(one.name) for one in facts.networks or ()
        ]
        formats = [image.os, image.media_type, image.health_check, image.inspected] if image else None
        swarm = [self.swarm.secrets, self.swarm.configs] if self.swarm else None
        labels = [facts.labels is None, facts.swarm_task is not None, *(facts.label(name) for name in LABELS)]
        told = (
            self.engine, self.os_type, _read_of(facts), drivers, facts.networks is None, formats, swarm, labels,
            self.tables.version,
        )  # fmt: skip
        return hashlib.blake2b(msgspec.json.encode(told, order="deterministic"), digest_size=16).hexdigest()


#: Fields of ContainerFacts, and labels, that ties are read from; a tie that reads another one is to name it here.
READ: Final = (
    "inspected", "image_reference", "health_check", "network_mode", "userns_mode", "cgroup_parent", "security_options",
    "restart_policy", "runtime", "log_driver", "links", "device_requests", "extra_hosts", "mounts",
)  # fmt: skip
LABELS: Final = ("com.docker.swarm.service.name", "PODMAN_SYSTEMD_UNIT")
_read_of: Final = attrgetter(*READ)


@dataclass(frozen=True, slots=True)
class Found:
    """That a container has the tie. `evidence` maps the engine's own field names to what stands there.

    `effort` and `change` are set where this very case takes more or less than such a tie usually does.
    """

    evidence: Mapping[str, tuple[str, ...]]
    effort: Effort | None = None
    change: str = ""


class Tie(ABC):
    """Base of all ties; subclasses live one to a module in `ties/` and are found by walking that folder.

    The slug is the module's name and the tie's identity everywhere. A subclass that lacks a word cannot be imported.
    Its docstring says in one paragraph what ties.
    """

    title: ClassVar[str]  # reads well after "tied by"
    effort: ClassVar[Effort]  # what cutting it usually takes
    elsewhere: ClassVar[str]  # what another engine makes of it
    change: ClassVar[str]  # what to change, and to what
    sources: ClassVar[tuple[str, ...]]
    engines: ClassVar[frozenset[str]] = DOCKER  # whose containers can have it

    slug: ClassVar[str]
    about: ClassVar[str]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        words = ("title", "effort", "elsewhere", "change", "sources")
        missing = [name for name in words if not getattr(cls, name, None)]
        if missing or not cls.__doc__:
            raise TypeError(f"{cls.__module__}.{cls.__name__} lacks {', '.join(missing) or 'a docstring'}")
        cls.slug = cls.__module__.rpartition(".")[2].replace("_", "-")
        cls.about = " ".join(cls.__doc__.split())

    @abstractmethod
    def find(self, part: Part) -> Found | None:
        """None for a container without the tie. Raises MissingFactError."""
