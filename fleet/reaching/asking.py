"""An answer from stored rows: which rows a question is about, and where reading them ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fleet.inventory import ContainerFacts, HostFacts
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Network
from fleet.models.container import network_keys
from fleet.reach import OUTSIDE, Answer, Box, IngressPort, Place, PlaceKind, World, places, reach
from fleet.reach.closing import Closed, changes_for, closes
from fleet.reach.namespaces import Map
from fleet.reach.world import ingress_of
from fleet.reaching.rows import ground, networks_of, owners_of, shares_network_of

#: Containers of one service that are looked at, spread over hosts by name.
MOST_OF_SERVICE: Final = 40
#: Of a service around which everything is looked at, and of all that stands around it.
MOST_AT_CENTRE: Final = 6
MOST_AROUND: Final = 250
MOST_HOSTS: Final = 10
#: Changes of which it is tried what they would close, and pairs of places that this is tried on.
MOST_CHANGES: Final = 8
MOST_PAIRS: Final = 300

_ABOUT: Final = ("pk", "name", "host_id", "service__name", "facts")
Row = tuple[int, str, int, str | None, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Around:
    """Everything that stands around one place: `answers` to, or from it, by service and host; worst first.

    `cut` says that more stands there than was looked at.
    """

    answers: tuple[Answer, ...]
    closed: tuple[Closed, ...]
    cut: bool


def ask(source: Place, target: Place, *, now: datetime) -> Answer:
    """One question about two places, in six queries at most."""
    rows: dict[int, Row] = {}
    cut = False
    for place in (source, target):
        some, more = _rows_of(place)
        rows |= {row[0]: row for row in some}
        cut |= more
    hosts = {row[2] for row in rows.values()} | _hosts_named(source, target)
    return reach(_world(list(rows.values()), hosts, now=now), source, target, cut=cut)


def look_around(place: Place, *, now: datetime, inward: bool) -> Around:
    """Who can reach the place (`inward`), or what it can reach: on its own hosts, and on those that share a network
    with them. What other hosts show to the outside is left to the list of doors.
    """
    rows, cut = _rows_of(place, most=MOST_AT_CENTRE)
    hosts = {row[2] for row in rows} | _hosts_named(place)
    near, more = _hosts_near(rows, hosts)
    others = _around(near | hosts, {row[0] for row in rows})
    cut |= more or len(others) > MOST_AROUND
    every = [*rows, *others[:MOST_AROUND]]
    world = _world(every, near | hosts, now=now)
    mine = {row[4].get("id") for row in rows}
    centre = [box for box in world.boxes if box.facts.id in mine]
    ends = _ends(world, place)
    at = Map(world)
    answers = [reach(at, *((end, place) if inward else (place, end)), cut=cut) for end in ends]
    pairs = [(end, place) for end in ends][:MOST_PAIRS]
    closed = closes(world, changes_for(centre, world)[:MOST_CHANGES], pairs) if inward else []
    return Around(tuple(sorted(answers, key=_order)), tuple(one for one in closed if one.ways), cut)


_RANK: Final = {"yes": 0, "unknown": 1, "no": 2}
_KINDS: Final = {PlaceKind.OUTSIDE: 0, PlaceKind.HOST: 1}


def _order(answer: Answer) -> tuple[object, ...]:
    other = max(answer.source, answer.target, key=lambda place: place.name)
    kinds = min(_KINDS.get(answer.source.kind, 2), _KINDS.get(answer.target.kind, 2))
    return _RANK[answer.verdict.value], kinds, other.name


def _ends(world: World, place: Place) -> list[Place]:
    """The other places: the outside, the hosts, and whatever runs on them, by service."""
    hosts = [places.host(name) for name in sorted(world.grounds)]
    services = [places.service(name) for name in sorted({box.service for box in world.boxes if box.service})]
    alone = [box.place for box in world.boxes if not box.service]
    return [one for one in (OUTSIDE, *hosts, *services, *alone) if one != place]


def _rows_of(place: Place, most: int = MOST_OF_SERVICE) -> tuple[list[Row], bool]:
    """The containers that a place stands for, and whether there are more of them."""
    rows = Container.objects.present().order_by("name", "pk").values_list(*_ABOUT)
    match place.kind:
        case PlaceKind.SERVICE:
            some = list(rows.filter(service__name=place.name)[: most + 1])
            return some[:most], len(some) > most
        case PlaceKind.CONTAINER:
            return list(rows.filter(host__name=place.host, name=place.name)[:1]), False
    return [], False


def _hosts_named(*asked: Place) -> set[int]:
    names = {one.name if one.kind is PlaceKind.HOST else one.host for one in asked} - {""}
    return set(Host.objects.filter(name__in=names).values_list("pk", flat=True)) if names else set()


def _hosts_near(rows: Sequence[Row], hosts: Collection[int]) -> tuple[set[int], bool]:
    """Hosts that have a network with one of these under the same id, as those of a swarm do."""
    keys = {key for row in rows for key in network_keys(row[4].get("networks"))}
    names = {one["name"] for row in rows for one in row[4].get("networks") or ()}
    if not keys:
        return set(), False
    same = Network.objects.present().filter(name__in=names, engine_id__in=keys).exclude(host__in=hosts)
    found = list(same.order_by("host_id").values_list("host_id", flat=True).distinct()[: MOST_HOSTS + 1])
    return set(found[:MOST_HOSTS]), len(found) > MOST_HOSTS


def _around(hosts: Collection[int], known: Collection[int]) -> list[Row]:
    """What else runs on these hosts."""
    running = Container.objects.present().filter(host__in=hosts, expected_running=True).exclude(pk__in=known)
    return list(running.order_by("host_id", "name", "pk").values_list(*_ABOUT)[: MOST_AROUND + 1])


def _world(rows: Sequence[Row], hosts: Collection[int], *, now: datetime) -> World:
    """Boxes in the order of the rows, then the owners of namespaces that some of them share."""
    found = Host.objects.filter(pk__in=hosts).exclude(facts={}).order_by("name")
    light = {host.pk: host for host in found.only("pk", "name", "facts", "answered_at")}
    networks = networks_of(light, {key for row in rows for key in network_keys(row[4].get("networks"))})
    grounds = {
        host.name: ground(
            host.name, from_plain(HostFacts, host.facts), networks.get(pk, ()), fresh=not host.is_stale(now)
        )
        for pk, host in light.items()
    }
    boxes = [
        Box(facts=from_plain(ContainerFacts, row[4]), host=light[row[2]].name, service=row[3] or "")
        for row in rows
        if row[2] in light
    ]
    have = {box.facts.id for box in boxes}
    shared = {one for row in rows if (one := shares_network_of(row[4].get("network_mode")))} - have
    owners = owners_of(light, shared, {pk: host.name for pk, host in light.items()}) if shared else ()
    return World(grounds=grounds, boxes=(*boxes, *owners), ingress=_ingress())


def _ingress() -> tuple[IngressPort, ...]:
    """What managers tell of ports that swarm publishes."""
    found: dict[IngressPort, None] = {}
    for host in Host.objects.filter(swarm__has_key="services").only("pk", "facts", "swarm")[:MOST_HOSTS]:
        swarm = host.swarm_facts
        for service in host.swarm_services() or ():
            found |= dict.fromkeys(ingress_of(service, (swarm.cluster_id if swarm else None) or ""))
    return tuple(found)
