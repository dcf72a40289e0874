"""Small worlds to ask about: one engine or two, with the networks that an engine may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fleet.inventory import (
    ContainerFacts,
    HostFacts,
    NetworkAttachment,
    NetworkFacts,
    PublishedPort,
    Subnet,
    SwarmFacts,
)
from fleet.reach import Answer, Box, Ground, IngressPort, Place, World, places, reach
from tests.builders import container, host, network

DEFAULT = {"com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "true"}
QUIET = {"com.docker.network.bridge.enable_icc": "false"}


def bridge(name: str, *, options: dict[str, str] | None = None, **changes: Any) -> NetworkFacts:
    return network(id=f"id-{name}", name=name, options=options or {}, **{"subnets": (), **changes})


NETWORKS = (
    bridge("bridge", options=DEFAULT, subnets=(Subnet("172.17.0.0/16"),)),
    bridge("north", subnets=(Subnet("172.18.0.0/16", "172.18.0.1"),)),
    bridge("south"),
    bridge("still", options=QUIET),
    bridge("inside", internal=True, subnets=(Subnet("172.20.0.0/16", "172.20.0.1"),)),
    bridge("apart", internal=True, options={"com.docker.network.bridge.gateway_mode_ipv4": "isolated"}),
    bridge("routed", options={"com.docker.network.bridge.gateway_mode_ipv4": "routed"}),
    bridge("unprotected", options={"com.docker.network.bridge.gateway_mode_ipv4": "nat-unprotected"}),
    bridge("six", ipv6=True, subnets=(Subnet("2a01:4f8::/64"),)),
    network(id="id-wire", name="wire", driver="macvlan", options={"parent": "eth0"}, subnets=()),
    network(id="id-plain", name="plain", driver="overlay", scope="swarm", options={}, subnets=()),
    network(id="id-sealed", name="sealed", driver="overlay", scope="swarm", options={"encrypted": ""}, subnets=()),
    network(id="id-closed", name="closed", driver="overlay", scope="swarm", options={}, internal=True, subnets=()),
    network(id="id-weave", name="weave", driver="weave", scope="swarm", options={}, subnets=()),
)


def engine(**changes: Any) -> HostFacts:
    """The engine of the tests with real connections, unless told otherwise."""
    return host(**{"engine_version": "20.10.24", "bridge_nf_iptables": True, "labels": (), **changes})


def ground(
    name: str = "one", *, fresh: bool = True, networks: Sequence[NetworkFacts] = NETWORKS, **changes: Any
) -> Ground:
    return Ground(
        name=name,
        engine=engine(**changes),
        networks={key: one for one in networks for key in (one.id, one.name)},
        fresh=fresh,
    )


def box(name: str, *on: str, host: str = "one", service: str = "", **changes: Any) -> Box:
    """A running container on these networks; `published` are (address, port of the host, port inside)."""
    published = changes.pop("published", ())
    ports = tuple(PublishedPort(inside, "tcp", address, outside) for address, outside, inside in published)
    attached = tuple(NetworkAttachment(one, f"id-{one}") for one in on)
    facts: ContainerFacts = container(
        id=f"{name}-{host}", name=name, networks=attached, network_mode=on[0] if on else "none", ports=ports
    )
    return Box(facts=replace(facts, **changes), host=host, service=service or name)


def world(*boxes: Box, grounds: Sequence[Ground] = (), ingress: Sequence[IngressPort] = ()) -> World:
    known = grounds or (ground(),)
    return World(grounds={one.name: one for one in known}, boxes=boxes, ingress=tuple(ingress))


def ask(there: World, source: str | Place, target: str | Place) -> Answer:
    """Texts name services."""
    ends = [places.service(one) if isinstance(one, str) else one for one in (source, target)]
    return reach(there, *ends)


def said(there: World, source: str | Place, target: str | Place) -> str:
    return ask(there, source, target).verdict.value


def doors(there: World, source: str | Place, target: str | Place) -> list[str]:
    return sorted({way.door.kind.value for way in ask(there, source, target).ways})


def in_swarm(**changes: Any) -> SwarmFacts:
    return SwarmFacts(state="active", cluster_id="c1", **changes)
