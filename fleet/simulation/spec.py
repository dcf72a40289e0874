"""What a simulated engine runs, in the words of `docker run`, before any of it becomes an engine's reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MIB = 1024 * 1024
GIB = 1024 * MIB
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_LIMITS: Mapping[str, int] = MappingProxyType({})


def nothing() -> Mapping[str, str]:
    """One empty mapping for all, so that a hundred thousand containers do not carry one each."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Times are seconds; 0 leaves the engine's default, which it does not report."""

    test: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 3.0
    retries: int = 3
    start_period: float = 0.0


@dataclass(frozen=True, slots=True)
class Mount:
    """`kind` is volume, bind or tmpfs. A volume's `source` is its name; without one the volume is anonymous."""

    kind: str
    destination: str
    source: str = ""
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Port:
    """A door that is published; `host_ip` "" means every interface, `host_port` 0 that it is only exposed."""

    container_port: int
    host_port: int = 0
    host_ip: str = ""
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Life:
    """How a container has fared; `loop` and `flap` are periods.

    Ages are seconds before the simulation began, below zero for what happened since.
    """

    state: str = "running"  # created, running, paused, exited
    age: float = 9 * DAY
    ended: float = 0.0  # how long ago it exited
    waited: float = 1.0  # seconds from its creation to the start in force
    health: str = "healthy"  # means something only with a health check
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ""
    restarts: int = 0
    loop: float = 0.0  # crashes and restarts every so many seconds
    flap: float = 0.0  # unhealthy for the last fifth of every so many seconds

    @property
    def mark(self) -> tuple[str, ...]:
        """What sets a container apart from itself before it was started again; nothing for a start long ago."""
        return (str(self.age),) if self.age < 0 else ()


@dataclass(frozen=True, slots=True)
class Image:
    """`digest` is what the registry calls it; without one the image was built or loaded on the host."""

    reference: str
    digest: str = ""
    age: float = 20 * DAY
    size: int = 180 * MIB
    user: str = ""
    command: tuple[str, ...] = ("/app/server",)
    entrypoint: tuple[str, ...] | None = None
    environment: tuple[str, ...] = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    health_check: HealthCheck | None = None
    labels: Mapping[str, str] = field(default_factory=nothing)
    comment: str = "buildkit.dockerfile.v0"
    media_type: str = ""  # its manifest's, which only engines on containerd's store tell

    @property
    def repository(self) -> str:
        head, _, last = self.reference.rpartition("/")
        name = last.partition(":")[0]
        return f"{head}/{name}" if head else name

    @property
    def pinned(self) -> str:
        """The reference as a careful person writes it."""
        return f"{self.reference}@{self.digest}" if self.digest else self.reference


@dataclass(frozen=True, slots=True)
class Task:
    """Which swarm task a container is."""

    service: str
    slot: int  # 0 in a global service
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container. `None` for user, command and health check leaves the image's own."""

    name: str
    image: Image
    reference: str = ""  # as given at run; "" is the image's tag
    life: Life = Life()
    command: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=nothing)
    environment: tuple[str, ...] = ()
    user: str | None = None
    health_check: HealthCheck | None = None
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=nothing)
    network_mode: str = "default"  # or host, none, or the first network's name
    networks: tuple[str, ...] = ("bridge",)
    aliases: tuple[str, ...] = ()
    memory: int = 0
    memory_reservation: int = 0
    nano_cpus: int = 0
    pids_limit: int = 0
    restart: str = "no"
    restart_retries: int = 0
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_options: tuple[str, ...] = ()
    read_only: bool = False
    init: bool | None = None
    pid_mode: str = ""
    log_driver: str = "json-file"
    log_options: Mapping[str, str] = field(default_factory=nothing)
    ulimits: Mapping[str, int] = field(default_factory=lambda: _NO_LIMITS)
    sysctls: Mapping[str, str] = field(default_factory=nothing)
    devices: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # "/other:/this/alias"
    extra_hosts: tuple[str, ...] = ()  # "name:address"
    runtime: str = "runc"
    cgroup_parent: str = ""
    gpus: int = 0
    stop_timeout: int = 0
    size_rw: int = 0
    task: Task | None = None
    generation: int = 0  # how many containers had its name before

    @property
    def given_reference(self) -> str:
        return self.reference or self.image.reference

    @property
    def checked_by(self) -> HealthCheck | None:
        return self.health_check or self.image.health_check

    @property
    def created_age(self) -> float:
        return self.life.age + self.life.waited


@dataclass(frozen=True, slots=True)
class Network:
    """`subnet` is the number in 172.N.0.0/16, or in 10.0.N.0/24 for an overlay."""

    name: str
    subnet: int
    driver: str = "bridge"
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    options: Mapping[str, str] = field(default_factory=nothing)
    labels: Mapping[str, str] = field(default_factory=nothing)
    age: float = 200 * DAY

    @property
    def overlay(self) -> bool:
        return self.driver == "overlay"


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume of that engine."""

    name: str
    driver: str = "local"
    options: Mapping[str, str] = field(default_factory=nothing)
    labels: Mapping[str, str] = field(default_factory=nothing)
    age: float = 150 * DAY


@dataclass(frozen=True, slots=True)
class Plugin:
    """One managed plugin."""

    name: str
    kind: str  # docker.volumedriver/1.0, docker.networkdriver/1.0, …
    enabled: bool = True
