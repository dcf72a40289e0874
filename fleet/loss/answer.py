"""The answer to what is lost: a fate and its reasons for each service, the volumes, and who could move where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fleet.loss.stored import Case, Lost


class Fate(StrEnum):
    """What becomes of a service, the worst first. `IDLE` did not do its work before, so nothing stops."""

    DOWN = "down"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    SURVIVES = "survives"
    IDLE = "idle"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Fate).index(self)


class When(StrEnum):
    """When it is felt."""

    AT_ONCE = "at-once"
    NEXT_START = "next-start"


class StateLost(StrEnum):
    """Whether data of the service are gone for good, unless a backup has them."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


class Moving(StrEnum):
    """Whether what was lost could be started on another host."""

    WITH_STATE = "with-state"  # and finds all of its data there
    EMPTY = "empty"  # but its data stay behind
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where it could be started, and in sentences what stops it elsewhere."""

    moving: Moving
    hosts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLoss:
    """What becomes of one service: `lost` and `kept` are its replicas, `reasons` sentences, the deciding one first."""

    case: Case
    fate: Fate
    when: When
    reasons: tuple[str, ...]
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    state: StateLost = StateLost.NO
    evidence: tuple[str, ...] = ()  # for `state`
    move: Move | None = None  # of what goes down or cannot be told


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeLoss:
    """One volume or folder of a lost host. `lost` is None when nobody can tell; `size` in bytes, None when not told.

    `kind` is volume, anonymous, bind or layer.
    """

    name: str
    host: str
    kind: str
    driver: str
    lost: bool | None
    reason: str
    services: tuple[str, ...] = ()
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Services by fate, the worst first; volumes that are lost or of which that is not known first."""

    lost: Lost
    services: tuple[ServiceLoss, ...]
    volumes: tuple[VolumeLoss, ...]
    notes: tuple[str, ...] = ()  # about all of it: swarms without a majority, hosts that have not answered

    def of(self, fate: Fate) -> tuple[ServiceLoss, ...]:
        return tuple(one for one in self.services if one.fate is fate)
