"""Ways into a container from beyond its own network: from other machines, from beside its host, from the host."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.inventory import PublishedPort
from fleet.inventory.doors import is_every_address, is_loopback
from fleet.inventory.identity import SWARM_LABEL
from fleet.reach.answers import Encrypted, Reachable, Way
from fleet.reach.doors import Door, DoorKind
from fleet.reach.engine import Behaviour
from fleet.reach.namespaces import Leg, Map, Mode, Namespace
from fleet.reach.networks import gateway_mode, has_global_ipv6, has_host_on_it, holds
from fleet.reach.paths import DIRECT
from fleet.reach.world import IngressPort

YES, UNKNOWN = Reachable.YES, Reachable.UNKNOWN


def from_outside(at: Map, target: Namespace) -> Iterator[Way]:
    """From a machine that sends to the host's own addresses, or to those beside it."""
    if target.mode is Mode.HOST:
        yield host_mode(at, target, encrypted=Encrypted.UNKNOWN)
    if target.mode is not Mode.OWN:
        return
    behaviour = at.behaviour(target.host)
    for port in published(target):
        if not is_loopback(port.host_ip) and answers(at, target) and _inner(at, target, port) is None:
            every = is_every_address(port.host_ip)
            where = "on every address of the host" if every else f"on {port.host_ip}"
            yield published_way(target, port, f"It is published {where}.", encrypted=Encrypted.UNKNOWN)
    for one in ingress_ports(at, target):
        yield ingress_way(target, one, encrypted=Encrypted.UNKNOWN)
    for leg in target.legs:
        if leg.kind in DIRECT and not leg.inside_only:
            yield _direct(target, leg)
        if leg.kind == "bridge" and leg.network and gateway_mode(leg.network) == "routed":
            yield from _routed(target, leg, UNKNOWN, "whether others have a route there is not known")
        if leg.kind == "bridge" and leg.network and has_global_ipv6(leg.network) and not behaviour.filters_ipv6:
            because = f"Its IPv6 address on {leg.name} can be routed to, and this engine filters no IPv6."
            yield _route_way(target, leg, UNKNOWN, because)


def from_wire(at: Map, target: Namespace) -> Iterator[Way]:
    """From a machine on the wire that was given a route to what is behind it: more than `from_outside`."""
    yield from from_outside(at, target)
    if target.mode is not Mode.OWN or at.behaviour(target.host).rootless:
        return
    behaviour = at.behaviour(target.host)
    for port in published(target):
        if not is_loopback(port.host_ip) and _inner(at, target, port) is not None and answers(at, target):
            yield published_way(target, port, f"With a route, {port.host_ip} is the host as well.",
                                encrypted=Encrypted.UNKNOWN)  # fmt: skip
    for leg in target.legs:
        yield from _over_route(behaviour, target, leg)


def _over_route(behaviour: Behaviour, target: Namespace, leg: Leg) -> Iterator[Way]:
    """To its own address on a bridge, which others know of only when somebody told them."""
    kept = leg.inside_only and behaviour.internal is True
    if leg.kind != "bridge" or leg.network is None or kept or behaviour.forwards is False:
        return
    mode = gateway_mode(leg.network)
    if not behaviour.firewall or mode == "nat-unprotected":
        why = f"{leg.name} is {mode}" if mode == "nat-unprotected" else "no rule of the engine keeps others off"
        sure = not leg.inside_only or behaviour.internal is False
        yield _route_way(target, leg, YES if sure else UNKNOWN, f"Over a route to {leg.name}: {why}.")
    elif mode == "routed":
        yield from _routed(target, leg, YES, "and there is a route")
    elif mode == "nat" and not behaviour.drops_direct:
        yield from _routed(target, leg, YES, "and this engine lets in who sends to the container itself")
        yield _route_way(target, leg, UNKNOWN, _BY_POLICY)


_BY_POLICY = (
    "Engines before 28 leave packets to ports that are not published to the host's own forwarding policy, "
    "which the engine does not tell."
)


def _route_way(target: Namespace, leg: Leg, verdict: Reachable, because: str) -> Way:
    door = _door(DoorKind.ROUTED, target, leg)
    return Way(door=door, verdict=verdict, because=because, encrypted=Encrypted.UNKNOWN)


def from_host(at: Map, target: Namespace) -> Iterator[Way]:
    """From a process on the host, or in a container in host mode."""
    if target.mode is Mode.HOST:
        yield host_mode(at, target, encrypted=Encrypted.NOT_NEEDED)
    if target.mode is not Mode.OWN:
        return
    for leg in target.legs:
        yield from _host_side(at, target, leg)
    if answers(at, target):
        for port in published(target):
            yield published_way(target, port, f"The host reaches {port.host_ip} itself.")
    for one in ingress_ports(at, target):
        yield ingress_way(target, one)


def _host_side(at: Map, target: Namespace, leg: Leg) -> Iterator[Way]:
    behaviour = at.behaviour(target.host)
    door = _door(DoorKind.HOST_SIDE, target, leg)
    if leg.kind == "bridge" and leg.network:
        if behaviour.rootless or not behaviour.linux:
            yield Way(
                door=door, verdict=UNKNOWN, because="This engine keeps its bridges out of the host's own network."
            )
        elif has_host_on_it(leg.network):
            yield Way(door=door, verdict=YES, because=f"The host itself is on {leg.name}.")
    elif leg.kind == "overlay":
        if not leg.inside_only:
            door = Door(DoorKind.HOST_SIDE, target.host, "docker_gwbridge")
            yield Way(door=door, verdict=YES, because="Swarm puts it on docker_gwbridge, and the host is on that, too.")
    elif leg.kind not in DIRECT:
        yield Way(door=door, verdict=UNKNOWN, because=f"Nobody told what network {leg.name} does.")


def host_mode(at: Map, target: Namespace, *, encrypted: Encrypted) -> Way:
    rootless = at.behaviour(target.host).rootless and encrypted is not Encrypted.NOT_NEEDED
    exposed = (target.owner.facts.exposed_ports or ()) if target.owner else ()
    hint = f" (its image names {', '.join(exposed)})" if exposed else ""
    return Way(
        door=Door(DoorKind.HOST_MODE, target.host),
        verdict=UNKNOWN if rootless else YES,
        because=f"Whatever it listens on is a port of the host itself{hint}.",
        encrypted=encrypted,
    )


def published(target: Namespace) -> list[PublishedPort]:
    """Open ports with a number; of one that is open on every address of both kinds, the entry of IPv4."""
    ports = [port for port in target.ports if port.host_port is not None]
    wide = {_inside(port) for port in ports if ":" not in port.host_ip and is_every_address(port.host_ip)}
    return [port for port in ports if ":" not in port.host_ip or _inside(port) not in wide]


def _inside(port: PublishedPort) -> tuple[int, str, int | None]:
    return port.container_port, port.protocol, port.host_port


def published_way(
    target: Namespace,
    port: PublishedPort,
    because: str,
    *,
    verdict: Reachable = YES,
    encrypted: Encrypted = Encrypted.NOT_NEEDED,
) -> Way:
    return Way(
        door=Door(DoorKind.PUBLISHED, target.host, address=port.host_ip, host_port=port.host_port),
        verdict=verdict,
        because=because,
        port=port.container_port,
        protocol=port.protocol,
        encrypted=encrypted,
    )


def answers(at: Map, target: Namespace) -> bool:
    """Whether anything takes up connections to published ports: rules of the engine, or its proxy."""
    behaviour = at.behaviour(target.host)
    return behaviour.firewall or behaviour.proxy or behaviour.podman


def ingress_ports(at: Map, target: Namespace) -> list[IngressPort]:
    """What swarm publishes of it on every node."""
    owner = target.owner
    name = (owner.facts.labels or {}).get(SWARM_LABEL) if owner else None
    if name is None or not at.world.ingress:
        return []
    ground = at.ground(target.host)
    swarm = ground.engine.swarm if ground else None
    cluster = (swarm.cluster_id if swarm else None) or ""
    return [
        one for one in at.world.ingress
        if one.service == name and (not cluster or not one.cluster or one.cluster == cluster)
    ]  # fmt: skip


def ingress_way(target: Namespace, one: IngressPort, *, encrypted: Encrypted = Encrypted.NOT_NEEDED) -> Way:
    return Way(
        door=Door(
            DoorKind.INGRESS, target.host, address="every node" if one.host_port else "", host_port=one.host_port
        ),
        verdict=YES,
        because="Swarm publishes it on every node of the cluster.",
        port=one.port,
        protocol=one.protocol,
        encrypted=encrypted,
    )


def _direct(target: Namespace, leg: Leg) -> Way:
    routed = leg.kind == "ipvlan" and ((leg.network and leg.network.options) or {}).get("ipvlan_mode", "l2") != "l2"
    if routed:
        because = f"{leg.name} is an ipvlan that is routed to, and whether others have a route is not known."
    else:
        because = f"On {leg.name} ({leg.kind}) it has its own address on the wire, past every rule of the engine."
    return Way(
        door=_door(DoorKind.DIRECT, target, leg),
        verdict=UNKNOWN if routed else YES,
        because=because,
        encrypted=Encrypted.UNKNOWN,
    )


def _routed(target: Namespace, leg: Leg, verdict: Reachable, why: str) -> Iterator[Way]:
    for port in {(port.container_port, port.protocol) for port in target.ports}:
        yield Way(
            door=_door(DoorKind.ROUTED, target, leg),
            verdict=verdict,
            because=f"It is published, {why}.",
            port=port[0],
            protocol=port[1],
            encrypted=Encrypted.UNKNOWN,
        )


def _inner(at: Map, target: Namespace, port: PublishedPort) -> str | None:
    """The bridge whose address the port is published on: other machines have no route to that."""
    ground = at.ground(target.host)
    found = holds((ground.networks or {}).values(), port.host_ip) if ground else None
    return found.name if found is not None and found.driver == "bridge" else None


def _door(kind: DoorKind, target: Namespace, leg: Leg) -> Door:
    return Door(kind, target.host, leg.name)
