"""What a service shows to the outside, small enough to be stored with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.reach.answers import Reachable, Way
from fleet.reach.doors import DoorKind

#: Doors that are kept of a service; more than that nobody reads, and their number is told.
MOST: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDoor:
    """One door of a service, the same on any number of hosts. `port` is the one inside the container."""

    kind: DoorKind
    verdict: Reachable
    address: str = ""
    host_port: int | None = None
    port: int | None = None
    protocol: str | None = None
    network: str = ""
    hosts: int = 1
    host: str = ""  # one of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """`doors` are the first MOST of `total`."""

    total: int = 0
    doors: tuple[OutsideDoor, ...] = ()


def summed_up(ways: Iterable[Way]) -> Doors:
    """The doors of an answer from the outside; replicas that have the same one make one of them."""
    hosts: Mapping[OutsideDoor, set[str]] = defaultdict(set)
    for way in ways:
        door = OutsideDoor(
            kind=way.door.kind,
            verdict=way.verdict,
            address=way.door.address,
            host_port=way.door.host_port,
            port=way.port,
            protocol=way.protocol,
            network=way.door.network,
        )
        hosts[door].add(way.door.host)
    found = [_on(door, sorted(names)) for door, names in hosts.items()]
    found.sort(key=_order)
    return Doors(total=len(found), doors=tuple(found[:MOST]))


def _on(door: OutsideDoor, hosts: Sequence[str]) -> OutsideDoor:
    return OutsideDoor(
        kind=door.kind,
        verdict=door.verdict,
        address=door.address,
        host_port=door.host_port,
        port=door.port,
        protocol=door.protocol,
        network=door.network,
        hosts=len(hosts),
        host=hosts[0],
    )


def _order(door: OutsideDoor) -> tuple[object, ...]:
    return (
        door.verdict is not Reachable.YES,
        door.port is not None,
        door.kind.value,
        door.host_port or 0,
        door.port or 0,
        door.address,
        door.network,
    )
