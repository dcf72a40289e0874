"""One network on one host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subnet:
    """One IPAM.Config entry."""

    cidr: str
    gateway: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """Facts of one network."""

    id: str
    name: str
    driver: str | None = None
    scope: str | None = None  # local, swarm, global
    internal: bool | None = None
    attachable: bool | None = None
    ingress: bool | None = None
    ipv6: bool | None = None
    options: dict[str, str] | None = None  # secret-looking values replaced
    labels: dict[str, str] | None = None
    subnets: tuple[Subnet, ...] | None = None

    @property
    def default_bridge(self) -> bool:
        return (self.options or {}).get("com.docker.network.bridge.default_bridge") == "true"
