"""In which network namespace a container is, and on which networks that has a leg."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from fleet.inventory import NetworkAttachment, NetworkFacts, PublishedPort
from fleet.reach.answers import Way
from fleet.reach.engine import Behaviour
from fleet.reach.world import Box, Ground, World


class Mode(Enum):
    OWN = auto()
    HOST = auto()
    NONE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Leg:
    """One network that a namespace is on; `network` is None when the engine did not tell of it."""

    name: str
    key: str  # its id where that is known
    network: NetworkFacts | None

    @property
    def kind(self) -> str:
        """bridge, overlay, macvlan, ipvlan, host, null, what a plugin is called, or "" when nobody told."""
        return (self.network.driver or "") if self.network else ""

    @property
    def inside_only(self) -> bool:
        return bool(self.network and self.network.internal)


@dataclass(frozen=True, slots=True)
class Namespace:
    """`owner` is the container whose namespace it is: that of `container:NAME` has its doors from there."""

    mode: Mode
    host: str
    owner: Box | None = None
    legs: tuple[Leg, ...] = ()
    why: str = ""  # of an unknown one

    @property
    def identity(self) -> tuple[str, str]:
        return self.host, "" if self.mode is Mode.HOST or self.owner is None else self.owner.facts.id

    @property
    def ports(self) -> tuple[PublishedPort, ...]:
        """Published ones that are open now."""
        owner = self.owner
        return tuple(port for port in owner.facts.ports or () if port.bound) if owner else ()


class Map:
    """A world with its containers found by host and name, and what was read of each read once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._namespaces: dict[tuple[str, str], Namespace] = {}
        # Of each namespace what the outside reaches: asked for once for each container on another host.
        self.from_outside: dict[tuple[str, str], tuple[Way, ...]] = {}

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Box]:
        found = {}
        for box in self.world.boxes:
            found[box.host, box.facts.name] = box
            found[box.host, box.facts.id] = box
        return found

    @cached_property
    def _by_service(self) -> dict[str, list[Box]]:
        found = defaultdict(list)
        for box in self.world.boxes:
            found[box.service].append(box)
        return found

    def box(self, host: str, key: str) -> Box | None:
        """By name or id."""
        return self._by_key.get((host, key))

    def of_service(self, name: str) -> list[Box]:
        return self._by_service.get(name, []) if name else []

    def ground(self, host: str) -> Ground | None:
        return self.world.grounds.get(host)

    def behaviour(self, host: str) -> Behaviour:
        return self.world.grounds[host].behaviour

    def namespace(self, box: Box) -> Namespace:
        key = (box.host, box.facts.id)
        if key not in self._namespaces:
            self._namespaces[key] = self._find(box)
        return self._namespaces[key]

    def _find(self, box: Box) -> Namespace:
        if box.host not in self.world.grounds:
            return Namespace(Mode.UNKNOWN, box.host, box, why=f"Nothing is known of the engine of {box.host}.")
        mode = box.facts.network_mode or ""
        prefix, _, target = mode.partition(":")
        if prefix == "container":
            return self._of_owner(box, target)
        if mode in {"host", "none"}:
            return Namespace(Mode.HOST if mode == "host" else Mode.NONE, box.host, box)
        return self._own(box)

    def _of_owner(self, box: Box, target: str) -> Namespace:
        owner = self.box(box.host, target)
        if owner is None or owner.facts.id == box.facts.id or not owner.facts.running:
            return Namespace(Mode.UNKNOWN, box.host, why=f"It shares the network of {target}, which was not seen.")
        return self.namespace(owner)

    def _own(self, box: Box) -> Namespace:
        attached = box.facts.networks
        if attached is None:
            return Namespace(Mode.UNKNOWN, box.host, box, why="The engine did not tell which networks it is on.")
        legs = tuple(self._leg(box.host, one) for one in attached)
        if any(leg.kind == "host" for leg in legs):
            return Namespace(Mode.HOST, box.host, box)
        legs = tuple(leg for leg in legs if leg.kind != "null")
        return Namespace(Mode.OWN if legs else Mode.NONE, box.host, box, legs)

    def _leg(self, host: str, one: NetworkAttachment) -> Leg:
        known = self.world.grounds[host].networks or {}
        network = known.get(one.network_id or "") or known.get(one.name)
        return Leg(one.name, one.network_id or (network.id if network else one.name), network)
