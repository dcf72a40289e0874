"""How far a connection gets that begins in a namespace: to its own host, to other machines."""

from __future__ import annotations

from typing import NamedTuple

from fleet.inventory import NetworkFacts
from fleet.reach.answers import Reachable
from fleet.reach.namespaces import Leg, Map, Mode, Namespace
from fleet.reach.networks import gateways, has_host_on_it, masquerades

DIRECT = ("macvlan", "ipvlan")


class Path(NamedTuple):
    """`network` is the one that it goes over."""

    verdict: Reachable
    because: str
    network: str = ""


def to_host(at: Map, start: Namespace) -> Path:
    """To addresses of the host that it is on."""
    if start.mode is Mode.HOST:
        return Path(Reachable.YES, "it is in the host's own network")
    if start.mode is Mode.UNKNOWN:
        return Path(Reachable.UNKNOWN, start.why)
    behaviour = at.behaviour(start.host)
    found = [_leg_to_host(leg) for leg in start.legs]
    best = _best(found, otherwise="it has no network over which the host could be reached")
    if best.verdict is Reachable.YES and (behaviour.rootless or not behaviour.linux):
        return Path(Reachable.UNKNOWN, "this engine keeps its bridges out of the host's own network", best.network)
    return best


def to_host_address(at: Map, start: Namespace, address: str) -> Path:
    """To one address of the host. Without a way out only the address of a bridge that it is on can be found."""
    reached = to_host(at, start)
    if reached.verdict is not Reachable.YES or start.mode is Mode.HOST or _has_route(start):
        return reached
    for leg in start.legs:
        if leg.network and address in gateways(leg.network):
            return reached
    return Path(Reachable.NO, f"its networks are internal, so it has no route to {address}")


def to_others(at: Map, start: Namespace) -> Path:
    """To addresses of other machines."""
    if start.mode is Mode.HOST:
        return Path(Reachable.YES, "the host's own network")
    if start.mode is Mode.UNKNOWN:
        return Path(Reachable.UNKNOWN, start.why)
    behaviour = at.behaviour(start.host)
    found = [_leg_out(leg, firewall=behaviour.firewall) for leg in start.legs]
    best = _best(found, otherwise="all its networks are internal" if start.legs else "it has no network")
    over_bridge = best.verdict is Reachable.YES and not any(leg.kind in DIRECT for leg in start.legs)
    if over_bridge and behaviour.forwards is False and not behaviour.rootless:
        return Path(Reachable.NO, "the host forwards no packets", best.network)
    return best


def _leg_to_host(leg: Leg) -> Path:
    network = leg.network
    match leg.kind:
        case "bridge" if network is not None:
            if has_host_on_it(network):
                return Path(Reachable.YES, f"the host has an address on {leg.name}", leg.name)
            return Path(Reachable.NO, f"the host has no address on {leg.name}")
        case "overlay":
            if leg.inside_only:
                return Path(Reachable.NO, f"{leg.name} is internal")
            return Path(Reachable.YES, "swarm puts it on docker_gwbridge as well", "docker_gwbridge")
        case "macvlan" | "ipvlan":
            return Path(Reachable.NO, f"the kernel keeps {leg.kind} and its own host apart")
    return Path(Reachable.UNKNOWN, f"nobody told what network {leg.name} does", leg.name)


def _leg_out(leg: Leg, *, firewall: bool) -> Path:
    if leg.inside_only and (firewall or leg.kind != "bridge"):
        return Path(Reachable.NO, f"{leg.name} is internal")
    match leg.kind:
        case "bridge" if leg.network is not None:
            return _bridge_out(leg.network, firewall=firewall)
        case "overlay":
            return Path(Reachable.YES, "swarm lets it out over docker_gwbridge", "docker_gwbridge")
        case "macvlan" | "ipvlan":
            return Path(Reachable.YES, f"{leg.name} is the wire that its host is on", leg.name)
    return Path(Reachable.UNKNOWN, f"nobody told what network {leg.name} does", leg.name)


def _bridge_out(network: NetworkFacts, *, firewall: bool) -> Path:
    if not has_host_on_it(network):
        return Path(Reachable.NO, f"the host has no address on {network.name}")
    if not firewall or not masquerades(network):
        return Path(Reachable.UNKNOWN, "its own addresses would need a route back", network.name)
    return Path(Reachable.YES, f"the engine lets {network.name} out under the host's address", network.name)


def _has_route(start: Namespace) -> bool:
    return any(not leg.inside_only for leg in start.legs)


def _best(paths: list[Path], *, otherwise: str) -> Path:
    for verdict in (Reachable.YES, Reachable.UNKNOWN, Reachable.NO):
        for path in paths:
            if path.verdict is verdict:
                return path
    return Path(Reachable.NO, otherwise)
