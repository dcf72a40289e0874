"""Address ranges of one host: where they run into others, and what room is left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fleet.models import Container, Network
from fleet.reach.subnets import Overlap, Pools, Room, overlaps, placed, pools, rooms

#: Networks of the host, networks of others that may be routed to, and containers that are looked at.
MOST_NETWORKS: Final = 300
MOST_OTHERS: Final = 200
MOST_CONTAINERS: Final = 2000
#: Lines that a page shows of each.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """`overlaps` are those that matter, `rooms` the fullest networks first."""

    pools: Pools
    overlaps: tuple[Overlap, ...]
    rooms: tuple[Room, ...]
    cut: bool


def ranges_on(host: str) -> Ranges:
    """Of a host's networks, and of overlays and the like on other hosts of the same names, in three queries."""
    rows = list(Network.objects.present().filter(host__name=host).order_by("name", "pk")[: MOST_NETWORKS + 1])
    networks = [row.read_facts() for row in rows[:MOST_NETWORKS]]
    shared = [one for one in networks if one.driver in {"overlay", "macvlan", "ipvlan"}]
    others = (
        Network.objects.present().filter(name__in=[one.name for one in shared]).exclude(host__name=host).order_by("pk")
        if shared
        else Network.objects.none()
    )
    elsewhere = list(others.select_related("host").only("name", "facts", "host__name")[:MOST_OTHERS])
    every = placed(host, networks)
    for row in elsewhere:
        every += placed(row.host.name, [row.read_facts()])
    matter = [one for one in overlaps(every) if one.matters and host in {one.one.host, one.other.host}]
    neighbours = Container.objects.present().filter(host__name=host, expected_running=True).order_by("name", "pk")
    told = list(neighbours.values_list("as_neighbour__networks", flat=True)[: MOST_CONTAINERS + 1])
    attached = Counter(one.get("network_id") or one["name"] for some in told for one in some or ())
    return Ranges(
        pools=pools(networks),
        overlaps=tuple(matter[:_SHOWN]),
        rooms=tuple(rooms(networks, attached)[:_SHOWN]),
        cut=len(rows) > MOST_NETWORKS or len(told) > MOST_CONTAINERS,
    )
