"""Where address ranges of hosts run into each other, and where the engine runs out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from fleet.inventory import NetworkFacts
from fleet.reach.networks import gateway_mode, range_of

Range = IPv4Network | IPv6Network

#: What an engine takes subnets from unless its default-address-pools say otherwise: 15 of /16 and 16 of /20.
DEFAULT_POOLS: Final = (
    *(IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)),
    *IPv4Network("192.168.0.0/16").subnets(new_prefix=20),
)
#: A subnet with no more free addresses than this share, or than this many, is called nearly full.
_FEW_SHARE: Final = 0.1
_FEW: Final = 3
#: What is on it swarm does not tell.
_OF_SWARM: Final = "docker_gwbridge"


@dataclass(frozen=True, slots=True)
class Placed:
    """One subnet of one network of one host."""

    host: str
    network: str
    key: str  # the network's id: hosts of a swarm have the same overlay
    driver: str
    subnet: Range
    routed: bool  # whether others than its own host may have a route to it


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two ranges that share addresses. `matters` is whether packets could go to the wrong one today."""

    one: Placed
    other: Placed
    matters: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many addresses a network has for containers, and how many of them are taken."""

    network: str
    subnet: Range
    usable: int
    taken: int

    @property
    def left(self) -> int:
        return max(0, self.usable - self.taken)

    @property
    def nearly_full(self) -> bool:
        return self.left <= max(_FEW, int(self.usable * _FEW_SHARE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """The engine's default pools: `taken` of `total` ranges, by networks of its own. `others` are networks whose range
    lies elsewhere: with such, somebody may have set other pools, of which no reply of the engine tells.
    """

    total: int
    taken: int
    others: int

    @property
    def left(self) -> int:
        return self.total - self.taken


def placed(host: str, networks: Iterable[NetworkFacts]) -> list[Placed]:
    """Every subnet of a host's networks; what is no subnet is left out."""
    found = []
    for network in {one.id: one for one in networks}.values():
        routed = network.driver in {"macvlan", "ipvlan", "overlay"} or gateway_mode(network) != "nat"
        for subnet in network.subnets or ():
            parsed = range_of(subnet.cidr)
            if parsed is None:
                continue
            found.append(Placed(host, network.name, network.id, network.driver or "", parsed, routed))
    return sorted(found, key=lambda one: (one.host, one.network, str(one.subnet)))


def overlaps(ranges: Sequence[Placed]) -> list[Overlap]:
    """Ranges that share addresses, those that matter first. Bridges of two hosts have the same ranges mostly, and
    while nobody routes to them that harms nobody.
    """
    found = []
    ordered = sorted(
        ranges, key=lambda one: (one.subnet.version, int(one.subnet.network_address), one.subnet.prefixlen)
    )
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.subnet.version != one.subnet.version or (
                int(other.subnet.network_address) > int(one.subnet.broadcast_address)
            ):
                break
            told = _overlap(one, other)
            if told is not None:
                found.append(told)
    return sorted(found, key=lambda said: (not said.matters, said.one.host, said.one.network, said.other.network))


def _overlap(one: Placed, other: Placed) -> Overlap | None:
    if one.key == other.key or (one.driver == other.driver != "bridge" and one.host != other.host):
        # One overlay, or a macvlan on the same wire as the next host's: meant to be the same range.
        return None
    if one.host == other.host:
        because = f"On {one.host} packets to these addresses go to the one or the other, not to both."
        return Overlap(one, other, matters=True, because=because)
    first, second = (one, other) if one.routed else (other, one)
    if not first.routed:
        because = (
            "Both stay behind their own hosts; a VPN or a route between these hosts would not know which is meant."
        )
        return Overlap(one, other, matters=False, because=because)
    because = f"{second.host} looks for addresses of {first.network} on its own {second.network}."
    return Overlap(one, other, matters=not second.routed or one.driver != other.driver, because=because)


def pools(networks: Iterable[NetworkFacts]) -> Pools:
    """Of one host: what its bridges take of the ranges that engines begin with."""
    taken: set[IPv4Network] = set()
    others = 0
    for one in placed("", (network for network in networks if network.driver == "bridge")):
        if isinstance(one.subnet, IPv6Network):
            continue
        inside = {pool for pool in DEFAULT_POOLS if pool.overlaps(one.subnet)}
        taken |= inside
        others += not inside
    return Pools(total=len(DEFAULT_POOLS), taken=len(taken), others=others)


def rooms(networks: Iterable[NetworkFacts], attached: Mapping[str, int]) -> list[Room]:
    """Of one host: room on its own bridges, the fullest first; `attached` is how many containers by network id."""
    found = []
    for network in {one.id: one for one in networks if one.driver == "bridge" and one.name != _OF_SWARM}.values():
        for one in placed("", [network]):
            if isinstance(one.subnet, IPv4Network):
                # Without the range's own, its broadcast and the host's address.
                usable = max(0, one.subnet.num_addresses - 3)
                found.append(
                    Room(network=network.name, subnet=one.subnet, usable=usable, taken=attached.get(network.id, 0))
                )
    return sorted(found, key=lambda room: (room.left / room.usable if room.usable else 0, room.network))
