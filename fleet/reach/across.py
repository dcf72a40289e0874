"""Ways from one host to a container on another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fleet.reach import paths
from fleet.reach.answers import Encrypted, Reachable, Way
from fleet.reach.doors import Door, DoorKind
from fleet.reach.entering import from_outside
from fleet.reach.namespaces import Leg, Map, Mode, Namespace


def ways(at: Map, start: Namespace, target: Namespace) -> Iterator[Way]:
    """By a network that spans both hosts, and by whatever the target shows to the outside."""
    if target.mode is Mode.OWN:
        for mine in start.legs:
            for other in target.legs:
                if mine.key == other.key and spans_hosts(other):
                    yield from _spanning(target, other)
    out = paths.to_others(at, start)
    if out.verdict is Reachable.NO:
        return
    key = (target.host, target.owner.facts.id if target.owner else "")
    if key not in at.from_outside:
        at.from_outside[key] = tuple(from_outside(at, target))
    for way in at.from_outside[key]:
        verdict = out.verdict if way.verdict is Reachable.YES else way.verdict
        yield replace(way, verdict=verdict, because=f"{way.because[:-1]}; from the other host, {out.because}.")


def spans_hosts(leg: Leg) -> bool:
    """Whether two hosts that have this network under one id are on the same one."""
    return leg.network is not None and leg.network.scope in {"swarm", "global"} and leg.kind not in {"host", "null"}


def _spanning(target: Namespace, leg: Leg) -> Iterator[Way]:
    network = leg.network
    if network is None or network.ingress:  # in the ingress network only published ports answer
        return
    door = Door(DoorKind.OVERLAY, target.host, leg.name)
    if leg.kind != "overlay":
        because = f"Both are on {leg.name}, a network of the plugin {leg.kind}, which decides."
        yield Way(door=door, verdict=Reachable.UNKNOWN, because=because, encrypted=Encrypted.UNKNOWN)
        return
    if network.options is None:
        encrypted, how = Encrypted.UNKNOWN, "whether it is encrypted was not told"
    elif "encrypted" in network.options:
        encrypted, how = Encrypted.YES, "what goes from host to host is encrypted"
    else:
        encrypted, how = Encrypted.NO, "what goes from host to host is not encrypted"
    yield Way(door=door, verdict=Reachable.YES, because=f"Both are on {leg.name}; {how}.", encrypted=encrypted)
