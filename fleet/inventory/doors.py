"""Reading published ports: which address a door opens on, and whether only the host itself can come through it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from fleet.inventory.container import ContainerFacts, PublishedPort
from fleet.inventory.network import NetworkFacts
from fleet.inventory.swarm import SwarmServiceFacts

ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - what an engine said, bound by nobody here
_DEFAULT_ADDRESS = "com.docker.network.bridge.host_binding_ipv4"
_SWARM_PORT = re.compile(r"^(\d*):(\d+)/(\w+)/(\w+)$")


@lru_cache(maxsize=4096)
def is_loopback(address: str) -> bool:
    """127.0.0.0/8, ::1 and the first of them written as IPv6; False for what is no address at all."""
    try:
        parsed = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback


def address_of(port: PublishedPort, container: ContainerFacts, networks: Mapping[str, NetworkFacts] | None) -> str:
    """The address the door opens on; where none was asked for, the default of the container's bridge."""
    if port.host_ip:
        return port.host_ip
    mode = container.network_mode or "default"
    network = (networks or {}).get("bridge" if mode == "default" else mode)
    return ((network.options or {}).get(_DEFAULT_ADDRESS) if network else None) or ALL_ADDRESSES


@lru_cache(maxsize=4096)
def is_every_address(address: str) -> bool:
    """0.0.0.0 and ::, in any spelling."""
    try:
        return ip_address(address.strip("[]")).is_unspecified
    except ValueError:
        return False


def open_doors(
    container: ContainerFacts, networks: Mapping[str, NetworkFacts] | None
) -> list[tuple[PublishedPort, str]]:
    """Every published port with the address it opens on."""
    return [(port, address_of(port, container, networks)) for port in container.ports or ()]


def binding(address: str, port: int | None) -> str:
    """`0.0.0.0:5432`, `[::]:5432`; without a number the engine picks any free port."""
    shown = f"[{address}]" if ":" in address else address
    return f"{shown}:{port if port is not None else 'any'}"


def ingress_ports(service: SwarmServiceFacts) -> dict[int, str]:
    """Container ports that swarm publishes on every node of the cluster, with where: `{5432: "5432/tcp"}`."""
    found = {}
    for text in service.published_ports or ():
        match = _SWARM_PORT.match(text)
        if match and match[4] == "ingress":
            found[int(match[2])] = f"{match[1] or 'any'}/{match[3]}"
    return found
