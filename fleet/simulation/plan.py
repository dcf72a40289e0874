"""A whole simulated fleet as plain data: its engines, its swarm and where each will listen."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fleet.simulation.spec import DAY, GIB, Container, Image, Network, Plugin, Port, Volume, nothing


@dataclass(frozen=True, slots=True)
class Release:
    """One engine release as it and the packages around it name themselves."""

    engine: str
    api: int  # the minor of 1.N
    oldest_api: int
    containerd: str
    containerd_commit: str
    runc: str
    runc_commit: str
    go: str = "go1.25.6"
    commit: str = "3c4f2a1"
    built: str = "2026-08-05T14:02:11.000000000+00:00"
    platform: str = "Docker Engine - Community"


@dataclass(frozen=True, slots=True)
class System:
    """The machine under an engine."""

    name: str
    version: str
    kernel: str
    cgroup: str = "2"
    security: tuple[str, ...] = ("name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns")
    cpus: int = 16
    memory: int = 64 * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One swarm service; the containers of its tasks stand on the engines."""

    name: str
    template: Container
    replicas: int  # 0 is a global service
    ports: tuple[Port, ...] = ()
    labels: Mapping[str, str] = field(default_factory=nothing)
    constraints: tuple[str, ...] = ()
    age: float = 40 * DAY


@dataclass(frozen=True, slots=True)
class Node:
    """One member of a swarm."""

    host: str
    address: str
    manager: bool
    leader: bool = False


@dataclass(frozen=True, slots=True)
class Swarm:
    """One cluster; `placed` says which container of which service stands on which host."""

    name: str
    nodes: tuple[Node, ...]
    services: tuple[Service, ...]
    networks: tuple[Network, ...]
    placed: tuple[tuple[str, Container], ...]  # (host, container)

    def on(self, host: str) -> tuple[Container, ...]:
        return tuple(container for place, container in self.placed if place == host)


@dataclass(frozen=True, slots=True)
class Churn:
    """How much of an engine changes by itself: in every `seconds` this `share` (0 to 1) of its containers."""

    share: float
    seconds: float = 30.0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One simulated engine with everything that it will say."""

    name: str
    environment: str
    team: str
    release: Release
    system: System
    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    warnings: tuple[str, ...] = ()
    volume_warnings: tuple[str, ...] = ()
    volume_drivers: tuple[str, ...] = ("local",)
    insecure_registries: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    storage_driver: str = "overlay2"
    log_driver: str = "json-file"
    live_restore: bool = True
    debug: bool = False
    forwarding: bool = True
    address: str = "10.20.0.10"
    swarm: Swarm | None = None
    engine_id: str = ""  # "" makes one of the name; two engines given the same are a cloned machine
    clock_ahead: float = 0.0  # seconds that its clock is wrong
    fault: str = ""  # one of fleet.simulation.faults.KINDS
    churn: Churn | None = None

    @property
    def node(self) -> Node | None:
        nodes = self.swarm.nodes if self.swarm else ()
        return next((node for node in nodes if node.host == self.name), None)


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """A host before anything listens: what to register it as, and its port counted from the base port."""

    name: str
    port_offset: int
    environment: str
    team: str

    def url(self, base_port: int) -> str:
        return f"tcp://127.0.0.1:{base_port + self.port_offset}"


@dataclass(frozen=True, slots=True)
class SimulatedFleet:
    """Engines in the order of their ports."""

    engines: tuple[Engine, ...]
    seed: int = 1

    @property
    def hosts(self) -> tuple[PlannedHost, ...]:
        """Known without starting a server."""
        return tuple(
            PlannedHost(engine.name, offset, engine.environment, engine.team)
            for offset, engine in enumerate(self.engines)
        )

    def changed(self, engines: Sequence[Engine]) -> SimulatedFleet:
        return dataclasses.replace(self, engines=tuple(engines))
