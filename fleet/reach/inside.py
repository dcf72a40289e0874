"""Ways from one container to another on the same host."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.inventory import PublishedPort
from fleet.inventory.doors import is_every_address, is_loopback
from fleet.reach import paths
from fleet.reach.answers import Encrypted, Reachable, Way
from fleet.reach.doors import Door, DoorKind
from fleet.reach.entering import answers, from_host, host_mode, ingress_ports, ingress_way, published, published_way
from fleet.reach.namespaces import Leg, Map, Mode, Namespace
from fleet.reach.networks import has_host_on_it, talks_inside
from fleet.reach.paths import DIRECT, Path
from fleet.reach.world import Box

YES, UNKNOWN, NO = Reachable.YES, Reachable.UNKNOWN, Reachable.NO


def ways(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    """Both on one host, each with a network namespace that is known."""
    if start.identity == target.identity and start.mode is not Mode.NONE:
        what = "Both are in the host's own network." if start.mode is Mode.HOST else "They share one network namespace."
        yield Way(door=Door(DoorKind.NAMESPACE, target.host), verdict=YES, because=what)
    elif start.mode is Mode.HOST:
        yield from from_host(at, target)
    elif start.mode is Mode.OWN and target.mode is Mode.HOST:
        yield from _to_host_mode(at, start, target)
    elif start.mode is Mode.OWN and target.mode is Mode.OWN:
        for mine in start.legs:
            for other in target.legs:
                if mine.key == other.key:
                    yield from _shared(at, start, target, other)
        yield from _by_published(at, start, target)
        yield from _by_ingress(at, start, target)
        yield from _beyond_walls(at, start, target)
        yield from _beside_the_host(at, start, target)


def _to_host_mode(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    path = paths.to_host(at, start)
    if path.verdict is NO:
        return
    way = host_mode(at, target, encrypted=Encrypted.NOT_NEEDED)
    yield Way(door=way.door, verdict=path.verdict, because=f"{way.because[:-1]}, and {path.because}.")


def _shared(at: Map, start: Namespace, target: Namespace, leg: Leg) -> Iterator[Way]:
    network = leg.network
    if network is not None and leg.kind == "bridge":
        yield from _bridge(at, start, target, leg)
    elif leg.kind == "overlay":
        if network is not None and not network.ingress:  # in the ingress network only published ports answer
            yield Way(door=_door(DoorKind.OVERLAY, target, leg), verdict=YES, because=f"Both are on {leg.name}.")
    elif leg.kind in DIRECT:
        yield from _same_direct(target, leg)
    else:
        because = f"Both are on {leg.name}, and {'its plugin decides' if leg.kind else 'nobody told what that does'}."
        yield Way(door=_door(DoorKind.SHARED_NETWORK, target, leg), verdict=UNKNOWN, because=because)


def _bridge(at: Map, start: Namespace, target: Namespace, leg: Leg) -> Iterator[Way]:
    network = leg.network
    if network is None:
        return
    kind = DoorKind.DEFAULT_BRIDGE if network.default_bridge else DoorKind.SHARED_NETWORK
    if talks_inside(network):
        because = f"Both are on {leg.name}, where traffic between containers is on."
        yield Way(door=_door(kind, target, leg), verdict=YES, because=because)
    elif not at.behaviour(target.host).walls_inside:
        because = f"{leg.name} forbids it, but on this host packets inside a bridge pass no rule."
        yield Way(door=_door(kind, target, leg), verdict=YES, because=because)
    elif network.default_bridge and _links(start.owner, target.owner):
        yield from _linked(target, leg)


def _links(start: Box | None, target: Box | None) -> bool:
    """HostConfig.Links hold `/db:/web/db` of a container that runs, `db:alias` before."""
    if start is None or target is None:
        return False
    named = {link.partition(":")[0].lstrip("/") for link in start.facts.links or ()}
    return bool(named & {target.facts.name, target.facts.id})


def _linked(target: Namespace, leg: Leg) -> Iterator[Way]:
    exposed = target.owner.facts.exposed_ports if target.owner else None
    for text in exposed or ():
        port, _, protocol = text.partition("/")
        if port.isdigit():
            yield Way(
                door=_door(DoorKind.LINK, target, leg),
                verdict=YES,
                because="A link opens the ports that it exposes.",
                port=int(port),
                protocol=protocol or "tcp",
            )
    if exposed is None:
        because = "A link opens the ports that it exposes, of which the engine did not tell."
        yield Way(door=_door(DoorKind.LINK, target, leg), verdict=UNKNOWN, because=because)


def _same_direct(target: Namespace, leg: Leg) -> Iterator[Way]:
    options = (leg.network.options if leg.network else None) or {}
    mode = options.get("macvlan_mode") or options.get("ipvlan_flag") or "bridge"
    if mode in {"bridge", ""}:
        yield Way(
            door=_door(DoorKind.DIRECT, target, leg), verdict=YES, because=f"Both are on {leg.name} ({leg.kind})."
        )
    elif mode == "vepa":
        because = f"{leg.name} is in mode vepa: the switch on the wire decides."
        yield Way(door=_door(DoorKind.DIRECT, target, leg), verdict=UNKNOWN, because=because)


def _by_published(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    """Out of one bridge and in again by the host's own address."""
    if not answers(at, target):
        return
    for port in published(target):
        if is_loopback(port.host_ip):
            continue
        path = _to_port(at, start, target, port)
        if path.verdict is not NO:
            because = f"It is published on {port.host_ip}, and {path.because}."
            yield published_way(target, port, because, verdict=path.verdict)


def _to_port(at: Map, start: Namespace, target: Namespace, port: PublishedPort) -> Path:
    every = is_every_address(port.host_ip)
    path = paths.to_host(at, start) if every else paths.to_host_address(at, start, port.host_ip)
    if path.verdict is not YES:
        return path
    if ":" in port.host_ip:
        return Path(UNKNOWN, "whether it has IPv6 there is not known")
    return _into_bridge(at, start, target, path)


def _into_bridge(at: Map, start: Namespace, target: Namespace, path: Path) -> Path:
    """Packets to a published port that a rule turns to the container meet the wall between bridges; only the proxy
    begins anew. No rule leaves those of an internal network to the proxy.
    """
    behaviour = at.behaviour(target.host)
    internal = behaviour.firewall and all(leg.inside_only for leg in start.legs)
    if behaviour.podman or (behaviour.proxy and not internal):
        return path
    both = [leg for leg in target.legs if leg.key in {one.key for one in start.legs} and leg.kind == "bridge"]
    if not internal and any(leg.network and talks_inside(leg.network) for leg in both):
        return path
    how = "from an internal network" if internal else "without the proxy"
    if behaviour.drops_direct:
        return Path(UNKNOWN, f"engines differ in whether a published port answers {how}")
    return Path(NO, f"{how} it meets the wall between bridges")


def _by_ingress(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    found = ingress_ports(at, target)
    if found and paths.to_host(at, start).verdict is YES:
        for one in found:
            yield ingress_way(target, one)


def _beyond_walls(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    """Over the host from one bridge to another, where nothing keeps them apart."""
    behaviour = at.behaviour(target.host)
    shared = {leg.key for leg in start.legs} & {leg.key for leg in target.legs}
    keeps = behaviour.internal is True
    mine = _open_bridges(start, keeps=keeps)
    other = [leg for leg in _open_bridges(target, keeps=keeps) if leg.key not in shared]
    if not mine or not other:
        return
    leg = other[0]
    sure = behaviour.internal is False or not (mine[0].inside_only or leg.inside_only)
    if behaviour.podman:
        because = f"Podman keeps {mine[0].name} and {leg.name} apart only where a network is isolated by an option."
        yield Way(door=_door(DoorKind.NO_WALL, target, leg), verdict=UNKNOWN, because=because)
    elif not behaviour.firewall and behaviour.forwards is not False:
        because = f"The engine sets no rules here, so the host forwards from {mine[0].name} to {leg.name}."
        yield Way(door=_door(DoorKind.NO_WALL, target, leg), verdict=YES if sure else UNKNOWN, because=because)
    elif not behaviour.filters_ipv6 and _six(mine) and _six(other):
        because = f"{mine[0].name} and {leg.name} have IPv6, which this engine filters only if told to."
        yield Way(door=_door(DoorKind.NO_WALL, target, leg), verdict=UNKNOWN, because=because)


def _open_bridges(one: Namespace, *, keeps: bool) -> list[Leg]:
    """Those with a way over the host; `keeps` says that internal ones have none. These come last."""
    found = [leg for leg in one.legs if leg.kind == "bridge" and leg.network and has_host_on_it(leg.network)]
    return sorted((leg for leg in found if not (leg.inside_only and keeps)), key=lambda leg: leg.inside_only)


def _six(legs: list[Leg]) -> bool:
    return any(leg.network and leg.network.ipv6 for leg in legs)


def _beside_the_host(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    """Of two of which one is on the wire, what stands out there decides."""
    mine = [leg for leg in start.legs if leg.kind in DIRECT and not leg.inside_only]
    other = [leg for leg in target.legs if leg.kind in DIRECT and not leg.inside_only]
    if {leg.key for leg in mine} & {leg.key for leg in other}:
        return
    if other and any(not leg.inside_only for leg in start.legs):
        because = f"{other[0].name} is on the wire: the switches and routers there decide."
        yield Way(door=_door(DoorKind.DIRECT, target, other[0]), verdict=UNKNOWN, because=because)
    elif mine and not other and paths.to_host(at, start).verdict is NO:
        for port in published(target):
            if not is_loopback(port.host_ip):
                because = f"The kernel keeps {mine[0].name} from its own host, unless a switch sends it back."
                yield published_way(target, port, because, verdict=UNKNOWN)


def _door(kind: DoorKind, target: Namespace, leg: Leg) -> Door:
    return Door(kind, target.host, leg.name)
