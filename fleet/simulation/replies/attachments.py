"""How a container hangs on its networks: addresses, endpoints and published ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.simulation.identifiers import hex_id, swarm_id
from fleet.simulation.plan import Engine
from fleet.simulation.replies.swarm import INGRESS
from fleet.simulation.spec import Container, Network

BUILT_IN = (
    Network("bridge", 17, options={
        "com.docker.network.bridge.default_bridge": "true",
        "com.docker.network.bridge.enable_icc": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "true",
        "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",  # noqa: S104  (what an engine says)
        "com.docker.network.bridge.name": "docker0",
        "com.docker.network.driver.mtu": "1500",
    }),
    Network("host", 0, driver="host"),
    Network("none", 0, driver="null"),
)  # fmt: skip
_GATEWAY = Network("docker_gwbridge", 18, options={
    "com.docker.network.bridge.enable_icc": "false",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.name": "docker_gwbridge",
})  # fmt: skip


def networks_of(engine: Engine) -> tuple[Network, ...]:
    """Its own, the three that every engine has and, in a swarm, the two that swarm mode makes and the overlays."""
    swarm = (INGRESS, _GATEWAY, *engine.swarm.networks) if engine.swarm else ()
    return (*BUILT_IN, *engine.networks, *swarm)


def network_id(engine: Engine, network: Network) -> str:
    if network.overlay and engine.swarm:
        return swarm_id(engine.swarm.name, "network", network.name)
    return hex_id(engine.name, "network", network.name)


_PER_NODE = 40
Bindings = dict[str, list[dict[str, str]] | None]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One container on one network; the endpoint is empty while the container is down."""

    network: Network
    network_id: str
    endpoint: str
    gateway: str
    address: str
    prefix: int
    mac: str


class Switchboard:
    """Gives every container of an engine its address on each of its networks, in the order they are listed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.networks = {network.name: network for network in networks_of(engine)}
        self.ids = {name: network_id(engine, network) for name, network in self.networks.items()}
        self._numbers: dict[tuple[str, str], int] = {}
        hosts = [node.host for node in engine.swarm.nodes] if engine.swarm else []
        # An overlay's addresses are unique over its hosts, so each host counts from another start.
        self._first_of_node = _PER_NODE * hosts.index(engine.name) if engine.name in hosts else 0
        taken: dict[str, int] = {}
        for container in engine.containers:
            for name in container.networks:
                if name not in self.networks:
                    raise ValueError(f"container {container.name} wants network {name}, which {engine.name} lacks")
                taken[name] = taken.get(name, 1) + 1
                self._numbers[container.name, name] = taken[name]

    def attachments(self, container: Container, *, up: bool) -> list[Attachment]:
        return [self._attachment(container, self.networks[name], up=up) for name in container.networks]

    def _attachment(self, container: Container, network: Network, *, up: bool) -> Attachment:
        created = container.life.state == "created"
        identity = "" if created else self.ids[network.name]
        if not up:
            return Attachment(network, identity, "", "", "", 0, "")
        endpoint = hex_id(self.engine.name, "endpoint", container.name, network.name, *container.life.mark)
        if network.driver in {"host", "null"}:
            return Attachment(network, identity, endpoint, "", "", 0, "")
        number = self._numbers[container.name, network.name]
        octets = [*_base(network), number // 250, number % 250 + 1]
        if network.overlay:
            octets = [10, 0, network.subnet, (number + self._first_of_node) % 250 + 1]
        address = ".".join(map(str, octets))
        mac = ":".join(f"{octet:02x}" for octet in (2, 66, *octets))
        gateway = "" if network.overlay else ".".join(map(str, [*_base(network), 0, 1]))
        return Attachment(network, identity, endpoint, gateway, address, 24 if network.overlay else 16, mac)


def _base(network: Network) -> list[int]:
    return [172, network.subnet]


def endpoint_settings(container: Container, attachment: Attachment, *, aliases: list[str] | None) -> dict[str, Any]:
    """One entry of NetworkSettings.Networks."""
    fixed = {"IPv4Address": attachment.address} if container.task and attachment.network.overlay else None
    return {
        "IPAMConfig": fixed,
        "Links": None,
        "Aliases": aliases,
        "NetworkID": attachment.network_id,
        "EndpointID": attachment.endpoint,
        "Gateway": attachment.gateway,
        "IPAddress": attachment.address,
        "IPPrefixLen": attachment.prefix,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": attachment.mac,
        "DriverOpts": None,
    }


def bindings(
    container: Container, *, up: bool, attachments: list[Attachment]
) -> dict[str, list[dict[str, str]] | None]:
    """NetworkSettings.Ports: null is exposed but not published; an internal network publishes nothing."""
    if not up or all(a.network.internal or a.network.driver in {"host", "null"} for a in attachments):
        return {}
    found: Bindings = dict.fromkeys(exposed(container))
    for port in container.ports:
        if port.host_port:
            hosts = [port.host_ip] if port.host_ip else ["0.0.0.0", "::"]  # noqa: S104  (what an engine says)
            entries = [{"HostIp": host, "HostPort": str(port.host_port)} for host in hosts]
            found[f"{port.container_port}/{port.protocol}"] = entries
    return found


def exposed(container: Container) -> list[str]:
    own = [f"{port.container_port}/{port.protocol}" for port in container.ports]
    return list(dict.fromkeys([*own, *container.image.exposed]))
