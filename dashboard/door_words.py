"""How reach is said on pages: doors, ways, places, and what would close them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.words import counted, short_name
from fleet.models import Service
from fleet.reach import Answer, DoorKind, Encrypted, Place, PlaceKind, Reachable, Way
from fleet.reach.closing import Change, Closed, LeaveDefaultBridge, MakeInternal, SilenceInside, Unpublish
from fleet.reach.subnets import Placed
from fleet.reach.summary import OutsideDoor
from fleet.reaching.kept import kept_doors
from fleet.reaching.ranges import ranges_on

DOORS: Final = {
    DoorKind.PUBLISHED: "Published port",
    DoorKind.INGRESS: "Swarm ingress",
    DoorKind.HOST_MODE: "Host mode",
    DoorKind.DIRECT: "Own address on the wire",
    DoorKind.ROUTED: "Route to its bridge",
    DoorKind.SHARED_NETWORK: "Shared network",
    DoorKind.DEFAULT_BRIDGE: "Default bridge",
    DoorKind.OVERLAY: "Overlay",
    DoorKind.LINK: "Link",
    DoorKind.NAMESPACE: "Shared namespace",
    DoorKind.HOST_SIDE: "The host's side of its bridge",
    DoorKind.GATEWAY: "The host itself",
    DoorKind.NO_WALL: "No wall between bridges",
    DoorKind.WAY_OUT: "Way out",
}
ENCRYPTED: Final = {
    Encrypted.YES: "Encrypted",
    Encrypted.NO: "Not encrypted",
    Encrypted.UNKNOWN: "Not known",
    Encrypted.NOT_NEEDED: "Stays on the host",
}
#: Tone and word of each; what can be reached is neither good nor bad by itself.
REACHABLE: Final = {
    Reachable.YES: ("notice", "Can connect"),
    Reachable.NO: ("not-applicable", "Cannot"),
    Reachable.UNKNOWN: ("unknown", "Unknown"),
}
#: Pairs of containers that are named of a way that many have.
_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLine:
    """One door, whatever number of pairs of containers has it."""

    door: str
    where: str
    through: str
    encrypted: str
    verdict: str
    because: str
    hosts: str
    pairs: str


def way_lines(answer: Answer) -> list[WayLine]:
    """Ways that differ in nothing but where they begin and end make one line; what is open comes first."""
    groups: dict[tuple[object, ...], list[Way]] = {}
    for way in answer.ways:
        key = (way.verdict, way.door.kind, way.door.where, way.through, way.encrypted, way.because)
        groups.setdefault(key, []).append(way)
    lines = [_line(ways) for ways in groups.values()]
    return sorted(lines, key=lambda line: (line.verdict != Reachable.YES.value, line.door, line.where, line.through))


def _line(ways: list[Way]) -> WayLine:
    first = ways[0]
    hosts = sorted({way.door.host for way in ways if way.door.host})
    named = list(dict.fromkeys(_pair(way) for way in ways if way.to or way.start))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return WayLine(
        door=DOORS[first.door.kind],
        where=first.door.where,
        through=first.through,
        encrypted=ENCRYPTED[first.encrypted],
        verdict=first.verdict.value,
        because=first.because,
        hosts=hosts[0] if len(hosts) == 1 else counted(len(hosts), "host"),
        pairs=f"{', '.join(named[:_NAMED])}{more}",
    )


def _pair(way: Way) -> str:
    ends = [short_name(one.name) for one in (way.start, way.to) if one]
    return " to ".join(ends)


def place_word(place: Place) -> str:
    return "The outside" if place.kind is PlaceKind.OUTSIDE else place.name or place.host


def place_kind(place: Place) -> str:
    match place.kind:
        case PlaceKind.OUTSIDE:
            return "any machine that reaches the hosts"
        case PlaceKind.WIRE:
            return "a machine on the wire, with routes"
        case PlaceKind.CONTAINER:
            return f"container on {place.host}"
    return place.kind.value


def asked(source: str, target: str) -> str:
    """The address of a question."""
    given = {name: key for name, key in (("from", source), ("to", target)) if key}
    return f"{reverse('reach')}?{urlencode(given)}" if given else reverse("reach")


def change_word(change: Change) -> str:
    match change:
        case Unpublish(port=port, protocol=protocol, published=published):
            outside = f" as {published}" if published not in {"", str(port)} else ""
            return f"If {port}/{protocol} were not published{outside}"
        case SilenceInside(host=host, network=network):
            return f"If traffic between containers were off on {network} ({host})"
        case MakeInternal(host=host, network=network):
            return f"If {network} on {host} were internal"
        case LeaveDefaultBridge():
            return "If it left the default bridge for a network of its own"


def closed_word(closed: Closed) -> str:
    """`closes 3 ways: …`"""
    names = [f"{place_word(source)}" for source, _ in closed.lost]
    some = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    said = f"{counted(len(closed.lost), 'place')} could no longer connect: {some}" if names else ""
    fewer = f"{counted(len(closed.narrower), 'place')} would have fewer doors" if closed.narrower else ""
    return "; ".join(part for part in (said, fewer) if part)


def door_line(door: OutsideDoor) -> dict[str, str]:
    """One stored door of a service, as lists show it."""
    shown = f"[{door.address}]" if ":" in door.address else door.address
    where = f"{shown}:{door.host_port}" if door.host_port is not None else door.network
    return {
        "door": DOORS[door.kind],
        "where": where or "the host's own addresses",
        "through": "every port it opens" if door.port is None else f"{door.port}/{door.protocol or 'tcp'}",
        "verdict": door.verdict.value,
        "hosts": door.host if door.hosts == 1 else counted(door.hosts, "host"),
        "host": door.host if door.hosts == 1 else "",
    }


def sum_of(answers: Iterable[Answer]) -> dict[str, int]:
    found = {one.value: 0 for one in Reachable}
    for answer in answers:
        found[answer.verdict.value] += 1
    return found


#: Doors of a service that its own page shows.
_SHOWN: Final = 8


def reach_of(service: Service) -> dict[str, object]:
    """What a service's page says of its doors; nothing is worked out or read for it."""
    kept, key = kept_doors(service), f"service:{service.name}"
    lines = [door_line(door) for door in kept.doors]
    return {
        "doors": lines[:_SHOWN],
        "doors_total": service.doors_total,
        "doors_left": max(0, kept.total - _SHOWN),
        "reach_outside": asked("outside", key),
        "reach_to": asked("", key),
        "reach_from": asked(key, ""),
    }


def ranges_of(host: str) -> dict[str, object]:
    """What there is to say of a host's networks, in three queries at most."""
    found = ranges_on(host)
    pools = found.pools
    said = f"Of the {pools.total} ranges that an engine takes subnets from by itself, {pools.left} are left."
    if pools.others:
        said += f" {counted(pools.others, 'network')} of it lie elsewhere; an engine does not tell its address pools."
    return {
        "pools": said if pools.taken else "",
        "overlaps": [
            {"ranges": f"{_range(one.one, host)} and {_range(one.other, host)}", "because": one.because}
            for one in found.overlaps
        ],
        "rooms": found.rooms,
        "cut": found.cut,
    }


def reach_of_host(name: str) -> dict[str, str]:
    """Questions about a host, as addresses; nothing is read for them."""
    return {
        "reach_to": asked("", f"host:{name}"),
        "host_url": reverse("host", args=[name]),
        "ranges_url": reverse("ranges", args=[name]),
        "reach_wire": asked(f"wire:{name}", ""),
        "reach_doors": f"{reverse('doors')}?{urlencode({'host': name})}",
    }


def _range(one: Placed, host: str) -> str:
    where = "" if one.host == host else f" on {one.host}"
    return f"{one.network} ({one.subnet}){where}"
