"""What would close if one thing were changed: the same question put to facts that differ in that one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from fleet.inventory import ContainerFacts, NetworkAttachment, NetworkFacts
from fleet.reach.answers import Reachable, Way
from fleet.reach.asking import reach
from fleet.reach.namespaces import Map
from fleet.reach.places import Place
from fleet.reach.world import Box, Ground, World

_ICC = "com.docker.network.bridge.enable_icc"


@dataclass(frozen=True, slots=True)
class Unpublish:
    """A service's published port is taken away; `port` is the one inside its containers. `published` says where the
    first of them has it on its host, for people.
    """

    service: str
    port: int
    protocol: str = "tcp"
    published: str = field(default="", compare=False)

    def applied(self, world: World) -> World:
        def without(facts: ContainerFacts) -> ContainerFacts:
            kept = tuple(
                one for one in facts.ports or () if (one.container_port, one.protocol) != (self.port, self.protocol)
            )
            return replace(facts, ports=kept) if facts.ports is not None else facts

        ingress = tuple(
            one
            for one in world.ingress
            if (one.service, one.port, one.protocol) != (self.service, self.port, self.protocol)
        )
        return replace(_changed(world, self.service, without), ingress=ingress)


@dataclass(frozen=True, slots=True)
class SilenceInside:
    """Traffic between the containers of one bridge of one host is switched off."""

    host: str
    network: str

    def applied(self, world: World) -> World:
        return _network(world, self, lambda one: replace(one, options={**(one.options or {}), _ICC: "false"}))


@dataclass(frozen=True, slots=True)
class MakeInternal:
    """One network of one host is made again as an internal one, which publishes no port."""

    host: str
    network: str

    def applied(self, world: World) -> World:
        changed = _network(world, self, lambda one: replace(one, internal=True))
        return replace(changed, boxes=tuple(_unpublished(changed, box) for box in changed.boxes))


@dataclass(frozen=True, slots=True)
class LeaveDefaultBridge:
    """A service goes from the default bridge to a network of its own, with the same published ports."""

    service: str

    def applied(self, world: World) -> World:
        name = f"{self.service}-alone"

        def moved(facts: ContainerFacts) -> ContainerFacts:
            kept = [one for one in facts.networks or () if one.name != "bridge"]
            if facts.networks is None or len(kept) == len(facts.networks):
                return facts
            return replace(facts, networks=(*kept, NetworkAttachment(name, name)), links=(), network_mode=name)

        grounds = {host: _with(ground, NetworkFacts(id=name, name=name, driver="bridge", scope="local", internal=False,
                                                    options={}, subnets=()))
                   for host, ground in world.grounds.items()}  # fmt: skip
        return replace(_changed(world, self.service, moved), grounds=grounds)


Change = Unpublish | SilenceInside | MakeInternal | LeaveDefaultBridge


@dataclass(frozen=True, slots=True)
class Closed:
    """`lost` are pairs of places that could reach each other and no more could; `narrower` ones between which some
    doors or ports close and others stay.
    """

    change: Change
    lost: tuple[tuple[Place, Place], ...]
    narrower: tuple[tuple[Place, Place], ...]

    @property
    def ways(self) -> int:
        return len(self.lost) + len(self.narrower)


def closes(world: World, changes: Iterable[Change], pairs: Sequence[tuple[Place, Place]]) -> list[Closed]:
    """What each change by itself closes of these pairs; what closes most comes first."""
    before = Map(world)
    open_now = [(pair, was) for pair in pairs if (was := reach(before, *pair)).verdict is Reachable.YES]
    found = []
    for change in changes:
        after = Map(change.applied(world))
        lost, narrower = [], []
        for pair, was in open_now:
            then = reach(after, *pair)
            if then.verdict is Reachable.NO:
                lost.append(pair)
            elif _open(was.ways) - _open(then.ways):
                narrower.append(pair)
        found.append(Closed(change, tuple(lost), tuple(narrower)))
    return sorted(found, key=lambda one: (-len(one.lost), -len(one.narrower)))


def changes_for(boxes: Sequence[Box], world: World) -> list[Change]:
    """What could be closed about these containers: each of their ports, and each network that they are on."""
    found: dict[Change, None] = {}
    for box in boxes:
        for port in box.facts.ports or ():
            if port.bound:
                change = Unpublish(box.service, port.container_port, port.protocol, published=str(port.host_port or ""))
                found.setdefault(change)
        ground = world.grounds[box.host]
        for one in box.facts.networks or ():
            network = (ground.networks or {}).get(one.network_id or one.name)
            if network is None or network.driver != "bridge":
                continue
            if network.default_bridge:
                found[LeaveDefaultBridge(box.service)] = None
            else:
                found[MakeInternal(box.host, network.name)] = None
            found[SilenceInside(box.host, network.name)] = None
    return list(found)


def _open(ways: Iterable[Way]) -> set[tuple[object, ...]]:
    return {(way.door, way.port, way.protocol, way.start, way.to) for way in ways if way.verdict is Reachable.YES}


def _changed(world: World, service: str, change: Callable[[ContainerFacts], ContainerFacts]) -> World:
    boxes = (replace(box, facts=change(box.facts)) if box.service == service else box for box in world.boxes)
    return replace(world, boxes=tuple(boxes))


def _network(world: World, what: SilenceInside | MakeInternal, change: Callable[[NetworkFacts], NetworkFacts]) -> World:
    ground = world.grounds[what.host]
    networks = {key: change(one) if one.name == what.network else one for key, one in (ground.networks or {}).items()}
    return replace(world, grounds={**world.grounds, what.host: replace(ground, networks=networks)})


def _with(ground: Ground, network: NetworkFacts) -> Ground:
    return replace(ground, networks={**(ground.networks or {}), network.id: network})


def _unpublished(world: World, box: Box) -> Box:
    """The engine publishes no port of a container all of whose networks are internal."""
    networks = world.grounds[box.host].networks or {}
    attached = [networks.get(one.network_id or one.name) for one in box.facts.networks or ()]
    if attached and all(one is not None and one.internal for one in attached) and box.facts.ports:
        return replace(box, facts=replace(box.facts, ports=()))
    return box
