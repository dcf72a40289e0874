"""What is said of two places: can the one open a connection to the other, by which doors, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fleet.reach.doors import Door
from fleet.reach.places import Place


class Reachable(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Encrypted(StrEnum):
    """Whether the engine encrypts what goes from host to host; what an application does is never known here."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_NEEDED = "not-needed"  # it stays on one host


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One door that is open, or of which nobody can tell. `port` and `protocol` are those inside the container; a port
    of None is every port that it listens on, of which no engine tells. `to` is the container that the door leads to.
    """

    door: Door
    verdict: Reachable  # yes or unknown: what is closed is no way
    because: str  # one sentence
    port: int | None = None
    protocol: str | None = None
    encrypted: Encrypted = Encrypted.NOT_NEEDED
    to: Place | None = None
    start: Place | None = None  # the container that it begins in, where several were asked about

    @property
    def through(self) -> str:
        """`5432/tcp`, or what there is to say when the port is not known."""
        return "every port it listens on" if self.port is None else f"{self.port}/{self.protocol or 'tcp'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether `source` can open a connection to `target`; `because` gives the reason of a no, or sums up the ways."""

    source: Place
    target: Place
    ways: tuple[Way, ...]
    because: str
    cut: bool = False  # not all containers of these places were looked at

    @property
    def verdict(self) -> Reachable:
        return worst(way.verdict for way in self.ways)

    def on(self, port: int, protocol: str = "tcp") -> Reachable:
        """The same about one port inside the container, when something listens there."""
        return worst(
            way.verdict for way in self.ways if way.port in {None, port} and way.protocol in {None, protocol}
        )


def worst(verdicts: Iterable[Reachable]) -> Reachable:
    """Open when anything is open, else unknown when anything is."""
    found = set(verdicts)
    return next((one for one in (Reachable.YES, Reachable.UNKNOWN) if one in found), Reachable.NO)
