"""How networks and doors are said on the map and in its table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fleet.network_map.chart import Door, Exposure, Net, Span
from fleet.reach import DoorKind

#: What kind of door, in the words of the legend.
EXPOSURES: Final = {
    Exposure.EVERY: "open on every address",
    Exposure.HOST: "on the host’s own network",
    Exposure.DIRECT: "own address on the wire",
    Exposure.ADDRESS: "open on one address",
    Exposure.UNKNOWN: "not reported",
    Exposure.LOOPBACK: "from the host itself only",
    Exposure.NONE: "no door",
}


def net_notes(net: Net, hosts: int) -> tuple[str, ...]:
    """What a network is: its driver, whether it is sealed between hosts, and how far it reaches. The whole of it first,
    then with less for where there is less room.
    """
    if net.span is Span.OTHERS:
        return ("several",)
    if net.span is Span.UNKNOWN:
        return ("not reported",)
    reach = ""
    if net.span is Span.CLUSTER:
        reach = {True: "encrypted", False: "not encrypted", None: "joins hosts"}[net.encrypted]
    elif net.span is Span.WIRE:
        reach = "on the wire"
    elif hosts > 1:
        reach = f"apart on {hosts} hosts"
    closed = "internal" if net.internal else ""
    ways = ((net.driver, reach, closed), (reach, closed), (reach or closed,), (net.driver,))
    return tuple(dict.fromkeys(text for way in ways if (text := ", ".join(word for word in way if word))))


def port_of(door: Door) -> str:
    """The number over a door: `443`, `53/udp`; words where there is none."""
    if door.exposure is Exposure.HOST:
        return "every port"
    if door.exposure is Exposure.DIRECT:
        return "own address"
    if door.port is None:
        return "some port" if door.kind is DoorKind.INGRESS else "any free port"
    return f"{door.port}" if door.protocol == "tcp" else f"{door.port}/{door.protocol}"


def doors_said(doors: Sequence[Door], exposure: Exposure, *, more: bool) -> str:
    """`443, 80 open on every address; 9090 from the host itself only`; the kind alone where no door is told."""
    if not doors:
        return EXPOSURES[exposure]
    parts = []
    for kind in dict.fromkeys(door.exposure for door in doors):
        some = [door for door in doors if door.exposure is kind]
        if kind in {Exposure.HOST, Exposure.DIRECT}:
            parts.append(f"{port_of(some[0])} {EXPOSURES[kind]}" if kind is Exposure.HOST else EXPOSURES[kind])
            continue
        ports = ", ".join(dict.fromkeys(_port_at(door) for door in some))
        ending = EXPOSURES[kind] if kind is not Exposure.ADDRESS else "open"
        parts.append(f"{ports} {ending}")
    return "; ".join(parts) + ("; and other doors" if more else "")


def _port_at(door: Door) -> str:
    return f"{door.address}:{port_of(door)}" if door.exposure is Exposure.ADDRESS else port_of(door)


def list_of(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    some = list(names)
    return f"{', '.join(some[:-1])} and {some[-1]}" if len(some) > 1 else "".join(some)
