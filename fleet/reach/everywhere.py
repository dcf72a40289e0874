"""Address ranges of a whole fleet: which of them meet where packets could be meant for either, and who runs out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.inventory import NetworkFacts
from fleet.reach.subnets import Overlap, Placed, Pools, overlaps, placed, pools

#: An engine that has no more than so many ranges left to give is named.
FEW_LEFT: Final = 5
#: Hosts that stand for all that have a range: of two another one than the host that it meets.
_STANDING_FOR_ALL: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Two ranges that share addresses, as `because` says; `hosts` are those on which it is so, in order."""

    one: str
    other: str
    because: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRanges:
    """Those that meet on most hosts first; `scarce` the hosts with the fewest ranges left first."""

    hosts: int
    meetings: tuple[Meeting, ...]
    scarce: tuple[tuple[str, Pools], ...]


def ranges_of_all(networks: Mapping[str, Sequence[NetworkFacts]]) -> FleetRanges:
    """Of networks by host. Bridges of two hosts mostly have the same ranges, and are not compared with each other."""
    every = {host: placed(host, some) for host, some in networks.items()}
    left = [(host, pools(some)) for host, some in networks.items()]
    scarce = sorted(((host, of) for host, of in left if of.left <= FEW_LEFT), key=lambda one: (one[1].left, one[0]))
    return FleetRanges(hosts=len(networks), meetings=tuple(_meetings(every)), scarce=tuple(scarce))


def _meetings(every: Mapping[str, Sequence[Placed]]) -> list[Meeting]:
    alike: defaultdict[tuple[object, ...], list[Placed]] = defaultdict(list)
    for one in (one for some in every.values() for one in some):
        alike[_same(one)].append(one)
    found: defaultdict[tuple[str, str], list[Overlap]] = defaultdict(list)
    within = (said for some in every.values() for said in overlaps(some))
    for said in (*within, *_between(alike.values())):
        if said.matters:
            found[_names(said)].append(said)
    told = [_told(names, said, alike) for names, said in found.items()]
    return sorted(told, key=lambda one: (-len(one.hosts), one.one, one.other))


def _between(alike: Iterable[Sequence[Placed]]) -> list[Overlap]:
    """Of ranges on two hosts, of which others than its own host may have a route to one at least."""
    some = [one for group in alike for one in group[:_STANDING_FOR_ALL]]
    return [said for said in overlaps(some) if said.one.host != said.other.host]


def _names(said: Overlap) -> tuple[str, str]:
    """What others may have a route to first."""
    first, second = sorted((said.one, said.other), key=lambda one: (not one.routed, one.network, str(one.subnet)))
    told = [f"{one.network} ({one.driver or 'unknown driver'} {one.subnet})" for one in (first, second)]
    return told[0], told[1]


def _told(
    names: tuple[str, str], said: Sequence[Overlap], alike: Mapping[tuple[object, ...], Sequence[Placed]]
) -> Meeting:
    """On the hosts of the overlaps that were seen; of one between hosts on all that have the range that hides it."""
    hosts: set[str] = set()
    for overlap in said:
        if overlap.one.host == overlap.other.host:
            hosts.add(overlap.one.host)
            continue
        hides = overlap.other if overlap.one.routed else overlap.one
        hosts |= {one.host for one in alike[_same(hides)]}
    return Meeting(one=names[0], other=names[1], because=said[0].because, hosts=tuple(sorted(hosts)))


def _same(one: Placed) -> tuple[object, ...]:
    """Equal for ranges of which one stands for all: hosts of a swarm have the same overlay."""
    return one.driver, one.routed, one.subnet, one.key if one.driver == "overlay" else ""
