"""How a network's facts are read for what may pass over it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import islice

from fleet.inventory import NetworkFacts

_BRIDGE = "com.docker.network.bridge."
_FALSE = {"false", "0"}


@lru_cache(maxsize=4096)
def range_of(cidr: str) -> IPv4Network | IPv6Network | None:
    """None for what is no range. A fleet has few, and reading one is dear."""
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def option(network: NetworkFacts, name: str) -> str:
    """Of a bridge: `enable_icc` and the like; "" where it is not set."""
    return (network.options or {}).get(f"{_BRIDGE}{name}", "")


def talks_inside(network: NetworkFacts) -> bool:
    """Whether containers on this bridge may open connections to each other."""
    return option(network, "enable_icc").lower() not in _FALSE


def masquerades(network: NetworkFacts) -> bool:
    return option(network, "enable_ip_masquerade").lower() not in _FALSE


def gateway_mode(network: NetworkFacts) -> str:
    """nat, nat-unprotected, routed or isolated."""
    return option(network, "gateway_mode_ipv4") or "nat"


def has_host_on_it(network: NetworkFacts) -> bool:
    """Whether the host has an address of its own on this bridge."""
    return gateway_mode(network) != "isolated" and option(network, "inhibit_ipv4").lower() not in {"true", "1"}


def gateways(network: NetworkFacts) -> tuple[str, ...]:
    """Addresses of the host on this bridge. The engine takes the first address where none was asked for."""
    found = []
    for subnet in network.subnets or ():
        if subnet.gateway:
            found.append(subnet.gateway.partition("/")[0])
            continue
        parsed = range_of(subnet.cidr)
        if parsed is not None:
            found += [str(first) for first in islice(parsed.hosts(), 1)]
    return tuple(found)


def holds(networks: Iterable[NetworkFacts], address: str) -> NetworkFacts | None:
    """The network that this address is one of."""
    try:
        wanted = ip_address(address)
    except ValueError:
        return None
    for network in networks:
        for subnet in network.subnets or ():
            parsed = range_of(subnet.cidr)
            if parsed is not None and wanted in parsed:
                return network
    return None


def has_global_ipv6(network: NetworkFacts) -> bool:
    """Whether its addresses can be routed to from anywhere."""
    if not network.ipv6:
        return False
    for subnet in network.subnets or ():
        parsed = range_of(subnet.cidr)
        if isinstance(parsed, IPv6Network) and not (parsed.is_private or parsed.is_link_local):
            return True
    return False
