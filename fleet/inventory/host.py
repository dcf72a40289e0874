"""One host's engine, as /version and /info tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Component:
    """One entry of /version Components: Engine, containerd, runc, docker-init, Podman Engine, …"""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Registry:
    """One entry of RegistryConfig.IndexConfigs."""

    name: str
    secure: bool
    mirrors: tuple[str, ...] = ()
    official: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUsage:
    """/system/df, asked for once a day: bytes, and how many there are."""

    images_reclaimable: int | None = None
    images_total: int | None = None
    volumes_reclaimable: int | None = None
    build_cache: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmFacts:
    """/info Swarm. Join tokens and keys are not read: that endpoint is not on the allow list."""

    state: str | None = None  # inactive, pending, active, error, locked
    node_id: str | None = None
    control_available: bool | None = None
    managers: int | None = None
    nodes: int | None = None
    cluster_id: str | None = None
    autolock: bool | None = None
    certificate_expiry: float | None = None  # seconds
    root_rotation_in_progress: bool | None = None
    root_certificate_expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Facts of one engine and the machine under it."""

    kind: str  # docker, podman
    engine_id: str | None = None  # /info ID; never an identity, cloned machines share it
    name: str | None = None
    engine_version: str | None = None
    engine_commit: str | None = None  # /version GitCommit: a git hash, or a package version on Ubuntu's builds
    api_version: str | None = None
    min_api_version: str | None = None
    operating_system: str | None = None
    os_version: str | None = None
    os_type: str | None = None
    architecture: str | None = None
    kernel_version: str | None = None
    cpus: int | None = None
    memory: int | None = None  # bytes
    system_time: datetime | None = None
    clock_offset: float | None = None  # seconds, engine minus collector at mid-request
    clock_round_trip: float | None = None  # seconds
    root_dir: str | None = None
    labels: tuple[str, ...] | None = None  # daemon labels "key=value", secret-looking values replaced
    components: tuple[Component, ...] | None = None
    runc_commit: str | None = None  # /info RuncCommit.ID: a git hash, or a package version on distribution builds
    containerd_commit: str | None = None
    init_binary: str | None = None
    storage_driver: str | None = None
    storage_status: dict[str, str] | None = None  # DriverStatus pairs
    logging_driver: str | None = None
    cgroup_driver: str | None = None
    cgroup_version: str | None = None
    default_runtime: str | None = None
    runtimes: tuple[str, ...] | None = None
    security_options: tuple[str, ...] | None = None  # "name=seccomp,profile=default"
    live_restore: bool | None = None
    experimental: bool | None = None
    debug: bool | None = None
    memory_limit: bool | None = None
    swap_limit: bool | None = None
    pids_limit: bool | None = None
    cpu_cfs_quota: bool | None = None
    ipv4_forwarding: bool | None = None
    bridge_nf_iptables: bool | None = None
    firewall_backend: str | None = None  # API 1.49 and later
    warnings: tuple[str, ...] | None = None
    registries: tuple[Registry, ...] | None = None
    insecure_registry_cidrs: tuple[str, ...] | None = None
    volume_plugins: tuple[str, ...] | None = None
    network_plugins: tuple[str, ...] | None = None
    authorization_plugins: tuple[str, ...] | None = None  # () when the engine said null or []
    log_plugins: tuple[str, ...] | None = None
    swarm: SwarmFacts | None = None
    containers_total: int | None = None
    images_total: int | None = None
    disk_usage: DiskUsage | None = None
    events_whole: bool | None = None  # whether no event of the last day can have been missed
    archive_probe: int | None = None  # HTTP status of a harmless question that a filtering proxy refuses
    volume_warnings: tuple[str, ...] | None = None  # /volumes Warnings; None when that endpoint did not answer
    endpoint_scheme: str | None = None  # unix, tcp, https, ssh: how Loadline itself reaches this engine
    endpoint_loopback: bool | None = None

    def security_option(self, name: str) -> str | None:
        """What follows `name=…` in that entry of SecurityOptions, such as `profile=default`; None without the entry."""
        for entry in self.security_options or ():
            word, _, rest = entry.partition(",")
            if word == f"name={name}":
                return rest
        return None


#: Facts that move with every sweep: no digest of an engine holds them, and no container's findings rest on them.
FLAPPING: Final = frozenset({"system_time", "clock_offset", "clock_round_trip", "containers_total", "images_total"})

#: Seconds. A clock is off when it is off by more than this; below, its moving is no news.
_CLOCK_STEP = 5


def clock_step(offset: float | None) -> int | None:
    """By how many steps a clock is off; what is said of it rests on this and not on every millisecond."""
    return None if offset is None else int(offset / _CLOCK_STEP)
