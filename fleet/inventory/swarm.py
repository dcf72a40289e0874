"""Swarm services, tasks, nodes and managed plugins, as a manager tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fleet.inventory.container import Mount


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
    max_replicas_per_node: int | None = None  # 0 is no limit
    spread_preferences: tuple[str, ...] | None = None
    mounts: tuple[Mount, ...] | None = None
    memory_limit: int | None = None  # bytes, 0 is no limit
    nano_cpus_limit: int | None = None  # 0 is no limit
    memory_reservation: int | None = None  # 0 is none
    nano_cpus_reservation: int | None = None
    restart_condition: str | None = None
    stop_grace_period: float | None = None  # seconds, None is the engine's default
    init: bool | None = None
    secrets: int | None = None  # how many swarm shows it, never which
    configs: int | None = None
    health_check_test: str | None = None  # CMD, CMD-SHELL, NONE, or "" when only the image may have one
    update_failure_action: str | None = None
    update_parallelism: int | None = None
    update_order: str | None = None
    update_state: str | None = None  # updating, paused, completed, rollback_paused, …
    rollback_configured: bool | None = None
    updated_at: datetime | None = None


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
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFacts:
    """Facts of one managed plugin."""

    name: str
    enabled: bool | None = None
    interfaces: tuple[str, ...] | None = None
