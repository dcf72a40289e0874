"""What reach is worked out from: containers, the networks of their hosts, and what the engines say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fleet.inventory import ContainerFacts, HostFacts, NetworkFacts, SwarmServiceFacts
from fleet.reach.engine import Behaviour, behaviour_of
from fleet.reach.places import Place, container

#: `80:8080/tcp/ingress`; the first is 0 where swarm has not chosen one yet.
_PUBLISHED = re.compile(r"^(\d+):(\d+)/(\w+)/ingress$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One container on one host."""

    facts: ContainerFacts
    host: str
    service: str = ""

    @property
    def place(self) -> Place:
        return container(self.facts.name, on=self.host)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One host. `networks` are by id and by name; None when the engine did not tell of them.

    `fresh` is False when the host has not answered for so long that nothing on it is evidence any more.
    """

    name: str
    engine: HostFacts
    networks: Mapping[str, NetworkFacts] | None
    fresh: bool = True

    @cached_property
    def behaviour(self) -> Behaviour:
        return behaviour_of(self.engine)


@dataclass(frozen=True, slots=True)
class IngressPort:
    """A port that swarm publishes on every node of a cluster."""

    service: str
    cluster: str
    host_port: int | None
    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`grounds` are by the host's name. A namespace that a container shares is looked for among `boxes`."""

    grounds: Mapping[str, Ground]
    boxes: tuple[Box, ...]
    ingress: tuple[IngressPort, ...] = field(default=())


def ingress_of(service: SwarmServiceFacts, cluster: str) -> Iterator[IngressPort]:
    """What swarm publishes of a service on every node; a port of mode host is one of its containers' own."""
    for text in service.published_ports or ():
        match = _PUBLISHED.match(text)
        if match:
            yield IngressPort(service.name, cluster, int(match[1]) or None, int(match[2]), match[3])
