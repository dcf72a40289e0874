"""What can be said of where a service keeps its state: the kinds, and the answer about one with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.inventory import ContainerFacts, ImageFacts, PluginFacts, VolumeFacts


class StateKind(StrEnum):
    """What becomes of a service's state when a host is lost, the worst first."""

    ONE_DISK = "one-disk"  # at the mercy of one disk: the only copy lies on one host, or goes with the container
    UNKNOWN = "unknown"  # a fact that decides is missing, or what holds the data does not answer
    NETWORKED = "networked"  # elsewhere on the network; how many copies there are is not seen
    REPLICATED = "replicated"  # on storage that keeps copies on several machines by itself
    SELF_REPLICATED = "self-replicated"  # the program copies its data between members on hosts of their own
    STATELESS = "stateless"  # it keeps nothing, or nothing that has to be kept

    @property
    def safe(self) -> bool:
        """Whether the loss of one host loses no data, as far as the evidence goes."""
        return self not in {StateKind.ONE_DISK, StateKind.UNKNOWN}


class Form(StrEnum):
    """What holds the data, as the container sees it."""

    BIND = "bind"  # a folder of the host, also when a local volume hides it
    VOLUME = "volume"  # a volume with a name, of any driver
    ANONYMOUS = "anonymous"  # a volume that the engine named, which the next container does not get
    CLUSTER = "cluster"  # a swarm cluster volume (CSI)
    TMPFS = "tmpfs"
    LAYER = "layer"  # the container's own writable layer
    OTHER = "other"  # an image mount, a named pipe


class Where(StrEnum):
    """Where the data lie."""

    NOWHERE = "nowhere"  # no state: read-only, a socket, a secret, something of the host's own
    MEMORY = "memory"
    THIS_HOST = "this-host"
    ONE_MACHINE = "one-machine"  # one copy in a cluster's storage; on which machine is not told
    ELSEWHERE = "elsewhere"  # another machine serves them
    SEVERAL = "several"  # storage that keeps copies on several machines
    UNKNOWN = "unknown"


class Health(StrEnum):
    """How the plugin behind a volume is."""

    BUILT_IN = "built-in"  # the engine's own driver `local`
    ANSWERS = "answers"
    DISABLED = "disabled"
    SILENT = "silent"  # the engine warns that it does not answer
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One place that one container can write to, or could if it were not read-only.

    `survives` says whether what lies there outlives the host; None when that is not known, True of what is no state.
    `counts` says whether it is state of the service at all. `options` are those of the volume that decided. `size` is
    that of a volume in bytes, None where its engine does not tell; it decides nothing.
    """

    container: str
    host: str
    form: Form
    destination: str  # the path in the container; "/" for the writable layer
    source: str = ""  # the host's path of a bind, or the volume's name
    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    health: Health | None = None  # None where no volume driver is involved
    where: Where
    counts: bool
    survives: bool | None
    size: int | None = None
    shared_with: tuple[str, ...] = ()  # other containers of the service that mount the same: "web on prod-01"
    reason: str  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """Where one service keeps its state.

    `sentence` says why it is of that kind, for a list. `proven` was seen on an engine, `assumed` was not and would have
    to be asked elsewhere, `missing` names the facts that would decide. `family` is the datastore's, empty without one.
    """

    kind: StateKind
    sentence: str
    holdings: tuple[Holding, ...] = ()  # of every container, those that count first
    proven: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    family: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMember:
    """One container of a service with what its host tells of its storage.

    `node_id` tells hosts apart that are registered twice. `volumes` are at least those that it mounts, by name.
    `plugins` and `volume_warnings` are None when the engine did not tell.
    """

    facts: ContainerFacts
    host: str
    node_id: str | None = None
    image: ImageFacts | None = None
    volumes: Mapping[str, VolumeFacts] | None = None
    plugins: tuple[PluginFacts, ...] | None = None
    volume_warnings: tuple[str, ...] | None = None
