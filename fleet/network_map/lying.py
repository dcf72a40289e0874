"""How one container lies: on which networks, and which doors lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.inventory import KeptNeighbour, NetworkFacts
from fleet.inventory.doors import ALL_ADDRESSES, is_every_address, is_loopback
from fleet.inventory.neighbour import TASK_NAME_LABEL
from fleet.network_map.chart import Door, Exposure, Net, Span, widest
from fleet.reach import DoorKind

_DEFAULT_ADDRESS = "com.docker.network.bridge.host_binding_ipv4"
_ON_THE_WIRE = frozenset({"macvlan", "ipvlan"})
#: Modes of the engine that are no network to lie on, though it lists them as such.
_NO_NETWORK = frozenset({"host", "none"})
_SHARED = "container:"


@dataclass(slots=True)
class Ground:
    """One host: its networks by id and by name, where ports open that were given no address, its swarm."""

    environment: str = ""  # slug
    environment_name: str = ""
    position: int = 0  # of the environment in lists
    name: str = ""
    cluster: str = ""
    nets: dict[str, Net] = field(default_factory=dict)
    default_addresses: dict[str, str] = field(default_factory=dict)

    def learn(self, facts: NetworkFacts) -> None:
        net = net_of(facts)
        self.nets[facts.id] = net
        self.nets.setdefault(facts.name, net)
        if address := (facts.options or {}).get(_DEFAULT_ADDRESS):
            self.default_addresses[facts.name] = address


@dataclass(frozen=True, slots=True)
class Lying:
    nets: frozenset[Net]
    exposure: Exposure
    doors: frozenset[Door]


def net_of(facts: NetworkFacts) -> Net:
    driver = facts.driver or ""
    if driver in _ON_THE_WIRE:
        span = Span.WIRE
    elif facts.scope in {"swarm", "global"} or driver == "overlay":
        span = Span.CLUSTER
    else:
        span = Span.HOST if driver else Span.UNKNOWN
    joins = span is Span.CLUSTER
    # Only overlay says whether it encrypts; what a plugin does between hosts, no engine tells.
    encrypted = "encrypted" in facts.options if joins and driver == "overlay" and facts.options is not None else None
    return Net(
        name=facts.name,
        driver=driver,
        span=span,
        internal=bool(facts.internal),
        encrypted=encrypted,
        identity=facts.id if joins else "",
    )


def lying(
    container: KeptNeighbour,
    ports: Sequence[Mapping[str, Any]] | None,
    ground: Ground,
    *,
    ingress: Mapping[tuple[str, str], tuple[Door, ...]],
) -> Lying:
    """`ports` are the stored facts' own; `ingress` the doors that swarm opens, by cluster and service."""
    mode = container.network_mode or "default"
    if mode == "host":
        return Lying(frozenset(), Exposure.HOST, frozenset({Door(kind=DoorKind.HOST_MODE, exposure=Exposure.HOST)}))
    if container.networks is None:
        return Lying(frozenset(), Exposure.UNKNOWN, frozenset())
    attached = [one for one in container.networks if one.name not in _NO_NETWORK]
    nets = {_net(one.network_id, one.name, ground) for one in attached}
    default = ground.default_addresses.get("bridge" if mode == "default" else mode)
    published = [port for port in ports or () if port.get("host_port") is not None or port.get("bound", True)]
    doors = {_published(port, default) for port in published}
    if any(one.name == "ingress" for one in attached):
        told = ingress.get((ground.cluster, _swarm_service(container)))
        doors |= set(told if told is not None else (Door(kind=DoorKind.INGRESS, exposure=Exposure.EVERY),))
        nets = {net for net in nets if net.name != "ingress"}  # it carries those doors and nothing else
    doors |= {Door(kind=DoorKind.DIRECT, exposure=Exposure.DIRECT) for net in nets if net.span is Span.WIRE}
    return Lying(frozenset(nets), widest([door.exposure for door in doors]), frozenset(doors))


def shares_with(container: KeptNeighbour) -> str:
    """The container, by id or name, in whose network it is; "" when it has its own."""
    mode = container.network_mode or ""
    return mode.removeprefix(_SHARED) if mode.startswith(_SHARED) else ""


UNTOLD = Lying(frozenset(), Exposure.UNKNOWN, frozenset())


def _net(identity: str | None, name: str, ground: Ground) -> Net:
    return ground.nets.get(identity or name) or ground.nets.get(name) or Net(name=name, span=Span.UNKNOWN)


def _swarm_service(container: KeptNeighbour) -> str:
    """Tasks are called service.slot.task; a service's own name may hold dots."""
    return (container.label(TASK_NAME_LABEL) or "").rsplit(".", 2)[0]


def _published(port: Mapping[str, Any], default: str | None) -> Door:
    address = port.get("host_ip") or default or ALL_ADDRESSES
    number, protocol = port.get("host_port"), port.get("protocol") or "tcp"
    if is_every_address(address):
        return Door(kind=DoorKind.PUBLISHED, exposure=Exposure.EVERY, port=number, protocol=protocol)
    exposure = Exposure.LOOPBACK if is_loopback(address) else Exposure.ADDRESS
    return Door(kind=DoorKind.PUBLISHED, exposure=exposure, port=number, protocol=protocol, address=address)


def ingress_doors(published: Iterable[str]) -> tuple[Door, ...]:
    """Of a swarm service's ports as its facts have them, `443:8443/tcp/ingress`: those of the routing mesh."""
    found = []
    for text in published:
        ports, _, rest = text.partition("/")
        protocol, _, mode = rest.partition("/")
        number = ports.partition(":")[0]
        if mode == "ingress":
            port = int(number) if number.isdigit() else None
            found.append(Door(kind=DoorKind.INGRESS, exposure=Exposure.EVERY, port=port, protocol=protocol))
    return tuple(found)
