"""Asking from one place to another: which containers these are, every way between them, and the reason of a no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fleet.inventory import ContainerFacts, NetworkAttachment
from fleet.reach import across, inside, paths
from fleet.reach.answers import Answer, Encrypted, Reachable, Way
from fleet.reach.doors import Door, DoorKind
from fleet.reach.entering import from_host, from_outside, from_wire
from fleet.reach.namespaces import Map, Mode, Namespace
from fleet.reach.places import Place, PlaceKind
from fleet.reach.world import Box, World

_CONTAINERS = {PlaceKind.SERVICE, PlaceKind.CONTAINER, PlaceKind.NETWORK}
_DOWN = "It does not run, so nothing of it listens or connects."


def reach(world: World | Map, source: Place, target: Place, *, cut: bool = False) -> Answer:
    """Whether `source` can open a connection to `target`. Raises LookupError for a place that is not in the world.

    Of many questions about one world, make its `Map` once. `cut` says that the world does not hold all of them.
    """
    at = world if isinstance(world, Map) else Map(world)
    found: list[Way] = []
    reasons: list[str] = []
    for start in _starts(at, source):
        for end in _ends(at, target):
            said, why = _between(at, start, end)
            found += said
            reasons.append(why)
    ways = tuple(dict.fromkeys(found))
    doubt = next((why for why in reasons if why.startswith(_DOUBT)), "").removeprefix(_DOUBT)
    return Answer(
        source=source,
        target=target,
        ways=ways,
        because=_because(ways, doubt, reasons),
        doubt=doubt,
        cut=cut,
    )


#: Before a reason that leaves open whether there are other ways.
_DOUBT = "?"
_NOT_FRESH = "has not answered for so long that what was seen there is no evidence any more."


def _starts(at: Map, place: Place) -> list[Place | Box]:
    return [place] if place.kind not in _CONTAINERS else [*_boxes(at, place)]


def _ends(at: Map, place: Place) -> list[Place | Box]:
    if place.kind is PlaceKind.NETWORK:
        raise LookupError("a network is where something begins; ask for a container on it")
    return _starts(at, place)


def _boxes(at: Map, place: Place) -> Iterable[Box]:
    if place.kind is PlaceKind.SERVICE:
        return at.of_service(place.name)
    if place.kind is PlaceKind.NETWORK:
        return [_probe(at, place)]
    box = at.box(place.host, place.name)
    if box is None:
        raise LookupError(f"no container {place.name} was seen on {place.host}")
    return [box]


def _probe(at: Map, place: Place) -> Box:
    """A container that somebody puts on that network and on nothing else."""
    ground = at.ground(place.host)
    network = (ground.networks or {}).get(place.name) if ground else None
    if network is None:
        raise LookupError(f"no network {place.name} was seen on {place.host}")
    facts = ContainerFacts(
        id=f"network:{network.id}",
        name=place.name,
        inspected=True,
        state="running",
        network_mode=network.name,
        networks=(NetworkAttachment(network.name, network.id),),
    )
    return Box(facts=facts, host=place.host)


def _between(at: Map, start: Place | Box, end: Place | Box) -> tuple[list[Way], str]:
    """The ways, and why there are no others."""
    for one in (start, end):
        if isinstance(one, Box) and one.facts.state is not None and not one.facts.running:
            return [], _DOWN
    if isinstance(start, Box) and isinstance(end, Box) and (start.host, start.facts.id) == (end.host, end.facts.id):
        return [], "It is the same container."
    ways, why = _named(at, start, end)
    stale = [host for host in _hosts(start, end) if (ground := at.ground(host)) is not None and not ground.fresh]
    if stale:
        why = f"{_DOUBT}{stale[0]} {_NOT_FRESH}"
        ways = [replace(way, verdict=Reachable.UNKNOWN) for way in ways]
    to = end.place if isinstance(end, Box) else None
    begin = start.place if isinstance(start, Box) and not start.facts.id.startswith("network:") else None
    return [replace(way, to=to, start=begin) for way in ways], why


def _hosts(*ends: Place | Box) -> Iterator[str]:
    for one in ends:
        name = one.host or (one.name if isinstance(one, Place) and one.kind is PlaceKind.HOST else "")
        if name:
            yield name


def _named(at: Map, start: Place | Box, end: Place | Box) -> tuple[list[Way], str]:
    if isinstance(end, Place):
        return list(_to_place(at, start, end)), _no_place(at, start, end)
    target = at.namespace(end)
    if target.mode is Mode.UNKNOWN:
        return [], _DOUBT + target.why
    if isinstance(start, Place):
        return list(_from_place(at, start, target)), _closed(at, None, target)
    mine = at.namespace(start)
    if mine.mode is Mode.UNKNOWN:
        return [], _DOUBT + mine.why
    module = inside if mine.host == target.host else across
    return list(module.ways(at, mine, target)), _closed(at, mine, target)


def _from_place(at: Map, start: Place, target: Namespace) -> Iterator[Way]:
    match start.kind:
        case PlaceKind.OUTSIDE:
            yield from from_outside(at, target)
        case PlaceKind.WIRE:
            yield from from_wire(at, target) if start.host == target.host else from_outside(at, target)
        case _:
            if start.name == target.host:
                yield from from_host(at, target)
            else:
                yield from across.ways(at, Namespace(Mode.HOST, start.name), target)


def _to_place(at: Map, start: Place | Box, end: Place) -> Iterator[Way]:
    """To a host itself, or out to other machines."""
    if isinstance(start, Place):
        if start != end and end.kind is PlaceKind.HOST:
            because = "What the host itself listens on, and what its own firewall lets in, is in no reply of an engine."
            yield Way(door=Door(DoorKind.GATEWAY, end.name), verdict=Reachable.UNKNOWN, because=because,
                      encrypted=Encrypted.UNKNOWN)  # fmt: skip
        return
    mine = at.namespace(start)
    if end.kind is PlaceKind.HOST and end.name == start.host:
        path = paths.to_host(at, mine)
        door = Door(DoorKind.GATEWAY, end.name, path.network)
        tail = "what the host itself listens on is in no reply of an engine"
        encrypted = Encrypted.NOT_NEEDED
    else:
        path = paths.to_others(at, mine)
        door = Door(DoorKind.WAY_OUT, start.host, path.network)
        tail, encrypted = "what stands between is not known", Encrypted.UNKNOWN
    if path.verdict is not Reachable.NO:
        because = f"{path.because[:1].upper()}{path.because[1:]}; {tail}."
        yield Way(door=door, verdict=path.verdict, because=because, encrypted=encrypted)


def _no_place(at: Map, start: Place | Box, end: Place) -> str:
    if isinstance(start, Place):
        return "It is the same place." if start == end else ""
    mine = at.namespace(start)
    path = (
        paths.to_host(at, mine) if end.kind is PlaceKind.HOST and end.name == start.host else paths.to_others(at, mine)
    )
    return f"{path.because[:1].upper()}{path.because[1:]}."


def _closed(at: Map, start: Namespace | None, target: Namespace) -> str:
    """Why there is no other way than those that were found."""
    if target.mode is Mode.NONE:
        return "It has no network at all."
    if start is not None and start.mode is Mode.NONE:
        return "What it would come from has no network at all."
    doors = "publishes no port" if not target.ports else "publishes no port where that could come in"
    if start is None:
        return f"It {doors}, and is on no network that others are on."
    walled = {leg.key for leg in start.legs} & {leg.key for leg in target.legs}
    if walled and start.host == target.host:
        return f"The network that they share forbids traffic between containers, and it {doors}."
    return f"They share no network, and it {doors}."


def _because(ways: tuple[Way, ...], doubt: str, reasons: list[str]) -> str:
    if ways:
        first = next((way for way in ways if way.verdict is Reachable.YES), ways[0])
        return first.because
    return doubt or next((why for why in reasons if why), "It runs in no container.")
