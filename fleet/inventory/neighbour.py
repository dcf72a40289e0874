"""What is looked at of a container when other things on its host are judged: a small part of all that is known of it.

A host with a hundred containers on which one changed is judged by a hundred of these and the facts of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from fleet.inventory.container import ContainerFacts
from fleet.inventory.plain import to_plain

#: Labels by which containers tell the environment of their host.
ENVIRONMENT_LABELS: Final = ("env", "environment", "loadline.environment")
TASK_NAME_LABEL: Final = "com.docker.swarm.task.name"  # service.slot.task
TASK_LABEL: Final = "com.docker.swarm.task.id"
_JOINED: Final = "container:"
_KEPT_LABELS: Final = frozenset({*ENVIRONMENT_LABELS, TASK_NAME_LABEL, TASK_LABEL})


class Attached(Protocol):
    """One network that a container is attached to."""

    @property
    def name(self) -> str: ...

    @property
    def network_id(self) -> str | None: ...


class Neighbour(Protocol):
    """What a rule may read of a container that it does not judge; the fields are those of `ContainerFacts`."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def state(self) -> str | None: ...

    @property
    def running(self) -> bool: ...

    @property
    def error(self) -> str | None: ...

    @property
    def exit_code(self) -> int | None: ...

    @property
    def finished_at(self) -> datetime | None: ...

    @property
    def memory(self) -> int | None: ...

    @property
    def runtime(self) -> str | None: ...

    @property
    def network_mode(self) -> str | None: ...

    @property
    def pid_mode(self) -> str | None: ...

    @property
    def ipc_mode(self) -> str | None: ...

    @property
    def networks(self) -> Sequence[Attached] | None: ...

    @property
    def volume_names(self) -> tuple[str, ...]: ...

    def label(self, *names: str) -> str | None: ...


class AttachedNetwork(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str
    network_id: str | None = None

    @property
    def keys(self) -> set[str]:
        """What it is called by."""
        return {self.name, self.network_id} if self.network_id is not None else {self.name}


class KeptNeighbour(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A `Neighbour`, as it is stored with its container."""

    id: str
    name: str
    state: str | None = None
    error: str | None = None
    exit_code: int | None = None
    finished_at: datetime | None = None
    auto_remove: bool | None = None
    memory: int | None = None
    runtime: str | None = None
    network_mode: str | None = None
    pid_mode: str | None = None
    ipc_mode: str | None = None
    networks: tuple[AttachedNetwork, ...] | None = None
    volume_names: tuple[str, ...] = ()
    labels: dict[str, str] = {}

    @classmethod
    def of(cls, facts: ContainerFacts) -> KeptNeighbour:
        attached = facts.networks
        return cls(
            id=facts.id,
            name=facts.name,
            state=facts.state,
            error=facts.error,
            exit_code=facts.exit_code,
            finished_at=facts.finished_at,
            auto_remove=facts.auto_remove,
            memory=facts.memory,
            runtime=facts.runtime,
            network_mode=facts.network_mode,
            pid_mode=facts.pid_mode,
            ipc_mode=facts.ipc_mode,
            networks=None if attached is None else tuple(AttachedNetwork(one.name, one.network_id) for one in attached),
            volume_names=facts.volume_names,
            labels={name: value for name, value in (facts.labels or {}).items() if name in _KEPT_LABELS},
        )

    def to_plain(self) -> dict[str, Any]:
        return to_plain(self)

    @property
    def running(self) -> bool:
        return self.state in {"running", "restarting", "paused"}

    @property
    def network_keys(self) -> tuple[str, ...]:
        """Of each network its id, or its name where the container has never been started."""
        return tuple(one.network_id or one.name for one in self.networks or ())

    @property
    def beside(self) -> set[str]:
        """Names and ids of its networks, and names of its volumes."""
        return {*self.volume_names, *(key for one in self.networks or () for key in one.keys)}

    def seen_by_host(self) -> tuple[object, ...]:
        """What rules about the host itself read of the containers on it (tests/fleet/inventory/test_neighbour.py holds
        them to that): how one ended, and which of its kind it is, is no news to them.
        """
        return (self.name, self.state, self.memory, self.runtime, self.networks, self.volume_names, self.labels)

    @property
    def leans_on_others(self) -> bool:
        """Whether rules look at other containers to judge it: whose namespace it shares, who had its swarm slot."""
        # Written out, as it is asked of every container of a host that changed.
        network, pid, ipc = self.network_mode, self.pid_mode, self.ipc_mode
        return (
            (network is not None and network.startswith(_JOINED))
            or (pid is not None and pid.startswith(_JOINED))
            or (ipc is not None and ipc.startswith(_JOINED))
            or TASK_LABEL in self.labels
        )

    def label(self, *names: str) -> str | None:
        """As of `ContainerFacts`. Raises LookupError for one that is not kept, which would read as not set."""
        if not _KEPT_LABELS.issuperset(names):
            raise LookupError(f"of a neighbour only {', '.join(sorted(_KEPT_LABELS))} are kept")
        return next((value for name in names if (value := self.labels.get(name))), None)
