"""What is known of networks, doors and who lies where, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fleet.reach import DoorKind


class Exposure(StrEnum):
    """From where a service can be called by a door of its own, the widest first."""

    EVERY = "every"  # a port on every address of the host, or of every node of a swarm
    HOST = "host"  # it is on the host's own network: every port that it opens
    DIRECT = "direct"  # it has an address of its own on the physical network
    ADDRESS = "address"  # a port on one address of the host
    UNKNOWN = "unknown"  # the engine did not tell of its networks
    LOOPBACK = "loopback"  # a port that only the host itself can call
    NONE = "none"  # no door


class Span(StrEnum):
    """How far a network reaches."""

    CLUSTER = "cluster"  # it joins hosts
    WIRE = "wire"  # it is the physical network: macvlan, ipvlan
    HOST = "host"  # it stays on its host
    UNKNOWN = "unknown"  # the engine did not tell of it
    OTHERS = "others"  # several networks that are not drawn one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """One network; of those that stay on their host, all that are alike but for the host.

    `identity` is the engine's id of one that joins hosts, by which its hosts are known to be joined; "" in the coarse
    grain. `encrypted` says whether it encrypts what goes from host to host; None where nothing does, or nobody knows.
    """

    name: str
    driver: str = ""  # "" when it was not told
    span: Span = Span.HOST
    internal: bool = False
    encrypted: bool | None = None
    identity: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Those that reach furthest first, and the engine's own bridge behind what people made."""
        own = self.name == "bridge"
        return (_SPANS[self.span], own, self.name, self.driver, self.internal, str(self.encrypted), self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A way in from outside the container's networks. `port` is that on the host, None when the engine picks one or
    nobody knows; `address` is of one that is open on a single address.
    """

    kind: DoorKind
    exposure: Exposure
    port: int | None = None
    protocol: str = "tcp"
    address: str = ""

    @property
    def order(self) -> tuple[int, int, str, str]:
        return (RANK[self.exposure], self.port or 0, self.protocol, self.address)


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A service's name and slug; the slug of a container of no service is empty."""

    name: str
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mooring:
    """A service on one host (fine), or services of a team and an environment that lie alike (coarse).

    `nets` are places in the chart's list; `names` of the first services, all of them in the fine grain; `more_doors`
    whether there are other doors than those in `doors`. `containers` run, or ought to.
    """

    environment: str  # slug
    team: str
    nets: tuple[int, ...]
    exposure: Exposure
    containers: int
    names: tuple[Named, ...]
    services: int = 1
    host: str = ""  # "" in the coarse grain
    doors: tuple[Door, ...] = ()
    more_doors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment with the number of its hosts."""

    slug: str
    name: str
    hosts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`cut` says that there are more containers than could be looked at."""

    nets: tuple[Net, ...] = ()
    places: tuple[Place, ...] = ()  # in the order of environments
    moorings: tuple[Mooring, ...] = ()
    fine: bool = True
    cut: bool = False


_SPANS = {span: rank for rank, span in enumerate(Span)}
RANK = {exposure: rank for rank, exposure in enumerate(Exposure)}


def widest(exposures: list[Exposure]) -> Exposure:
    """Of several doors that of the one that lets most in; without any, none."""
    return min(exposures, key=RANK.__getitem__, default=Exposure.NONE)
