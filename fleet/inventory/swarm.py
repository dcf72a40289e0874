"""Swarm services, tasks, nodes and managed plugins, as a manager tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmServiceFacts:
    """Facts of one swarm service."""

    id: str
    name: str
    image_reference: str | None = None
    mode: str | None = None  # replicated, global, replicated-job, global-job
    replicas: int | None = None
    running_tasks: int | None = None
    desired_tasks: int | None = None
    labels: dict[str, str] | None = None
    container_labels: dict[str, str] | None = None
    published_ports: tuple[str, ...] | None = None  # "80:8080/tcp/ingress"
    constraints: tuple[str, ...] | None = None
    memory_limit: int | None = None
    nano_cpus_limit: int | None = None
    restart_condition: str | None = None
    update_failure_action: str | None = None
    update_parallelism: int | None = None
    update_order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """Facts of one task."""

    id: str
    service_id: str | None = None
    node_id: str | None = None
    slot: int | None = None
    state: str | None = None
    desired_state: str | None = None
    error: str | None = None
    container_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """Facts of one node."""

    id: str
    hostname: str | None = None
    role: str | None = None
    availability: str | None = None
    state: str | None = None
    engine_version: str | None = None
    leader: bool | None = None
    reachability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFacts:
    """Facts of one managed plugin."""

    name: str
    enabled: bool | None = None
    interfaces: tuple[str, ...] | None = None
