"""One container, as list and inspect together tell it, with every secret value already dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """One door: `host_ip:host_port` on the host leads to `container_port/protocol` in the container.

    `bound` is false when it comes from HostConfig.PortBindings of a container that does not run (then `host_ip`
    may be empty, which means the engine's default address, and `host_port` may be None, which means any free one).
    """

    container_port: int
    protocol: str
    host_ip: str
    host_port: int | None
    bound: bool = True


@dataclass(frozen=True, slots=True)
class Mount:
    """One entry of Mounts[]; tmpfs given by --tmpfs is not here but in `ContainerFacts.tmpfs`."""

    kind: str  # bind, volume, tmpfs, npipe, cluster, image
    destination: str
    source: str | None = None
    name: str | None = None  # the volume's name
    driver: str | None = None
    writable: bool | None = None
    propagation: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkAttachment:
    """One network the container is attached to; `network_id` is None until the container has started once."""

    name: str
    network_id: str | None = None
    ip_address: str | None = None
    ipv6_address: str | None = None
    aliases: tuple[str, ...] = ()
    static_address: str | None = None  # an address somebody asked for by hand, or swarm for its task


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Config.Healthcheck. `kind` is the first word of Test (CMD, CMD-SHELL, NONE) or "" when Test is empty.

    The command itself is not kept: it may hold a password. Times are seconds.
    """

    kind: str
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """HostConfig.RestartPolicy."""

    name: str
    maximum_retries: int = 0


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of HostConfig.Devices."""

    host_path: str
    container_path: str
    permissions: str


@dataclass(frozen=True, slots=True)
class HandChange:
    """Something that a person or a script did to a running container: exec, copy, commit or update. No command."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SecretHint:
    """Where a value looked like a secret. The value never left the engine module; only its place did.

    `place` is env, command, label, option or health; `name` the variable, flag, label or option; `why` a short phrase.
    """

    place: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """Facts of one container. `inspected` is false when only the list was read; then inspect-only fields are None."""

    id: str
    name: str
    inspected: bool
    image_reference: str | None = None  # the name given at run (inspect Config.Image)
    listed_image: str | None = None  # the list's name for it: turns into sha256:… when the tag moves on this host
    image_id: str | None = None  # sha256:…, the config digest (or manifest digest on a containerd store)
    created_at: datetime | None = None
    labels: dict[str, str] | None = None  # values that look like secrets are replaced by "(looks like a secret)"

    # State
    state: str | None = None  # created, running, paused, restarting, removing, exited, dead
    health: str | None = None  # healthy, unhealthy, starting, none
    failing_streak: int | None = None
    exit_code: int | None = None
    oom_killed: bool | None = None
    restarting: bool | None = None
    error: str | None = None  # State.Error, redacted
    started_at: datetime | None = None
    finished_at: datetime | None = None
    restart_count: int | None = None

    # Config
    user: str | None = None
    environment_names: tuple[str, ...] | None = None  # names only, sorted
    health_check: HealthCheck | None = None  # meaningful only when `inspected`
    exposed_ports: tuple[str, ...] | None = None  # "5432/tcp"
    declared_volumes: tuple[str, ...] | None = None  # Config.Volumes keys
    command_program: str | None = None  # Path, the program started; arguments are not kept
    runs_sshd: bool | None = None  # the command line names sshd
    stop_timeout: int | None = None
    stop_signal: str | None = None
    secret_hints: tuple[SecretHint, ...] | None = None

    # HostConfig
    network_mode: str | None = None
    pid_mode: str | None = None
    ipc_mode: str | None = None
    uts_mode: str | None = None
    userns_mode: str | None = None
    cgroup_parent: str | None = None
    privileged: bool | None = None
    cap_add: tuple[str, ...] | None = None  # upper case, without CAP_
    cap_drop: tuple[str, ...] | None = None
    security_options: tuple[str, ...] | None = None  # a custom seccomp profile is replaced by "seccomp=sha256:…"
    apparmor_profile: str | None = None
    masked_paths: tuple[str, ...] | None = None  # None: engine said null (not started, or privileged)
    readonly_paths: tuple[str, ...] | None = None
    readonly_root: bool | None = None
    restart_policy: RestartPolicy | None = None
    auto_remove: bool | None = None
    memory: int | None = None  # bytes, 0 is no limit
    memory_reservation: int | None = None
    memory_swap: int | None = None
    nano_cpus: int | None = None
    cpu_shares: int | None = None
    cpu_quota: int | None = None
    cpuset_cpus: str | None = None
    pids_limit: int | None = None
    oom_kill_disable: bool | None = None
    init: bool | None = None
    runtime: str | None = None
    log_driver: str | None = None
    log_option_names: tuple[str, ...] | None = None
    log_options: dict[str, str] | None = None  # only max-size, max-file, mode, compress; others may hold tokens
    links: tuple[str, ...] | None = None
    devices: tuple[Device, ...] | None = None
    device_cgroup_rules: tuple[str, ...] | None = None
    device_requests: int | None = None  # how many (GPUs and the like)
    extra_hosts: tuple[str, ...] | None = None
    ulimits: tuple[str, ...] | None = None  # names
    sysctls: tuple[str, ...] | None = None  # names
    tmpfs: tuple[str, ...] | None = None  # HostConfig.Tmpfs destinations

    # Network and storage
    ports: tuple[PublishedPort, ...] | None = None  # sorted; both families when the engine gives both
    mounts: tuple[Mount, ...] | None = None  # sorted by destination
    networks: tuple[NetworkAttachment, ...] | None = None  # sorted by name
    hand_changes: tuple[HandChange, ...] | None = None  # of the last day, oldest first; None when events were not read
    size_rw: int | None = None  # bytes, only when sizes were asked for

    @property
    def running(self) -> bool:
        return self.state in {"running", "restarting", "paused"}

    @property
    def volume_names(self) -> tuple[str, ...]:
        """The volumes among its mounts."""
        return tuple(mount.name for mount in self.mounts or () if mount.name)

    @property
    def has_health_check(self) -> bool | None:
        """None when only the list was read. `State.Health` does not tell: podman fills it without a health check."""
        if not self.inspected:
            return None
        return self.health_check is not None and self.health_check.kind not in {"", "NONE"}

    @property
    def swarm_task(self) -> str | None:
        """The id of the swarm task that this container is; None for a container that swarm did not start."""
        return self.label("com.docker.swarm.task.id")

    def label(self, *names: str) -> str | None:
        """The first non-empty label of that name."""
        for name in names:
            value = (self.labels or {}).get(name)
            if value:
                return value
        return None
