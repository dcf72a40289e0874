"""Where a connection may begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    OUTSIDE = "outside"  # any machine that sends to the hosts' own addresses, and knows of no address behind them
    WIRE = "wire"  # a machine on the wire that hosts are on that was given a route to the networks behind it
    HOST = "host"  # a process on the host itself
    SERVICE = "service"  # any container of it, on any host
    CONTAINER = "container"
    NETWORK = "network"  # whatever were put on that network of that host


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is that of the host, service, container or network; `host` the one that a container or network is on."""

    kind: PlaceKind
    name: str = ""
    host: str = ""

    def __str__(self) -> str:
        match self.kind:
            case PlaceKind.OUTSIDE:
                return "the outside"
            case PlaceKind.WIRE:
                return f"a machine beside {self.host}"
            case PlaceKind.CONTAINER | PlaceKind.NETWORK:
                return f"{self.kind.value} {self.name} on {self.host}"
        return f"{self.kind.value} {self.name}"


OUTSIDE = Place(PlaceKind.OUTSIDE)


def host(name: str) -> Place:
    return Place(PlaceKind.HOST, name)


def wire(name: str) -> Place:
    return Place(PlaceKind.WIRE, host=name)


def service(name: str) -> Place:
    return Place(PlaceKind.SERVICE, name)


def container(name: str, *, on: str) -> Place:
    return Place(PlaceKind.CONTAINER, name, on)


def network(name: str, *, on: str) -> Place:
    return Place(PlaceKind.NETWORK, name, on)
