"""By what a connection can come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DoorKind(StrEnum):
    PUBLISHED = "published-port"
    INGRESS = "swarm-ingress"  # a port that swarm publishes on every node
    HOST_MODE = "host-mode"
    DIRECT = "direct-attachment"  # macvlan, ipvlan: its own address on the wire
    ROUTED = "routed-bridge"  # whoever has a route to the addresses on the bridge
    SHARED_NETWORK = "shared-network"  # a bridge that somebody made, or a network of a plugin
    DEFAULT_BRIDGE = "default-bridge"  # the engine's own, with traffic between its containers on
    OVERLAY = "overlay"
    LINK = "link"
    NAMESPACE = "shared-namespace"  # container:NAME, or both in host mode
    HOST_SIDE = "host-side"  # the host itself is on each of its bridges
    GATEWAY = "gateway"  # and each container so reaches the host
    NO_WALL = "no-wall"  # nothing keeps the bridges of this host apart
    WAY_OUT = "way-out"  # from a container to other machines


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `network` and `host` are names; `address` and `host_port` are of a published port or nothing."""

    kind: DoorKind
    host: str = ""
    network: str = ""
    address: str = ""
    host_port: int | None = None

    @property
    def where(self) -> str:
        """`0.0.0.0:5432`, or the network's name, or nothing."""
        if self.host_port is None:
            return self.network
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{shown}:{self.host_port}"
