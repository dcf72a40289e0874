"""An answer from stored rows: which rows a question is about, and where reading them ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from fleet.inventory import ContainerFacts, HostFacts
from fleet.inventory.identity import SWARM_LABEL
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Network
from fleet.models.container import network_keys
from fleet.reach import OUTSIDE, Answer, Box, IngressPort, Place, PlaceKind, World, places, reach
from fleet.reach.closing import Closed, changes_for, closes
from fleet.reach.namespaces import Map
from fleet.reach.world import ingress_of
from fleet.reaching.rows import ground, keys_of, networks_of, owners_of, shares_network_of

#: Containers of one service that are looked at, spread over hosts by name.
MOST_OF_SERVICE: Final = 40
#: Of a service around which everything is looked at, and of all that stands around it.
MOST_AT_CENTRE: Final = 6
MOST_AROUND: Final = 250
MOST_HOSTS: Final = 10
MOST_MANAGERS: Final = 20
#: Changes of which it is tried what they would close, and pairs of places that this is tried on.
MOST_CHANGES: Final = 8
MOST_PAIRS: Final = 300

#: Letters of the id of a network that one engine made for itself; those of a swarm have fewer.
_LOCAL_ID: Final = 64
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
    """One question about two places, in six queries at most. Raises LookupError for a host that has never answered."""
    rows: dict[int, Row] = {}
    cut = False
    for place in (source, target):
        some, more = _rows_of(place)
        rows |= {row[0]: row for row in some}
        cut |= more
    world = _world(list(rows.values()), {row[2] for row in rows.values()}, _names(source, target), now=now)
    return reach(world, source, target, cut=cut)


def look_around(place: Place, *, now: datetime, inward: bool) -> Around:
    """Who can reach the place (`inward`), or what it can reach: on its own hosts, and on those that share a network
    with them. What other hosts show to the outside is left to the list of doors.
    """
    rows, cut = _rows_of(place, most=MOST_AT_CENTRE)
    hosts = {row[2] for row in rows}
    near, more = _hosts_near(rows, hosts)
    others = _around(near | hosts, _names(place), {row[0] for row in rows})
    cut |= more or len(others) > MOST_AROUND
    every = [*rows, *others[:MOST_AROUND]]
    world = _world(every, {row[2] for row in every} | hosts, _names(place), now=now, owners=False)
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


def _names(*asked: Place) -> set[str]:
    """Hosts that are named by these places."""
    return {one.name if one.kind is PlaceKind.HOST else one.host for one in asked} - {""}


def _hosts_near(rows: Sequence[Row], hosts: Collection[int]) -> tuple[set[int], bool]:
    """Hosts that have a network with one of these under the same id, as those of a swarm do."""
    attached = [one for row in rows for one in row[4].get("networks") or ()]
    keys = {key for key in network_keys(attached) if len(key) != _LOCAL_ID}
    names = {one["name"] for one in attached}
    if not keys:
        return set(), False
    same = Network.objects.present().filter(name__in=names, engine_id__in=keys).exclude(host__in=hosts)
    found = list(same.order_by("host_id").values_list("host_id", flat=True).distinct()[: MOST_HOSTS + 1])
    return set(found[:MOST_HOSTS]), len(found) > MOST_HOSTS


def _around(hosts: Collection[int], names: Collection[str], known: Collection[int]) -> list[Row]:
    """What else runs on these hosts."""
    here = Q(host__in=hosts) | Q(host__name__in=names) if names else Q(host__in=hosts)
    running = Container.objects.present().filter(here, expected_running=True).exclude(pk__in=known)
    return list(running.order_by("host_id", "name", "pk").values_list(*_ABOUT)[: MOST_AROUND + 1])


def _world(
    rows: Sequence[Row], hosts: Collection[int], names: Collection[str], *, now: datetime, owners: bool = True
) -> World:
    """The containers of these rows, and with `owners` those whose namespace some of them share."""
    wanted = Host.objects.filter(Q(pk__in=hosts) | Q(name__in=names)).exclude(facts={}).order_by("name")
    light = {host.pk: host for host in wanted.only("pk", "name", "facts", "answered_at")}
    missing = set(names) - {host.name for host in light.values()}
    if missing:
        raise LookupError(f"{', '.join(sorted(missing))} has not answered yet, so nothing is known of it")
    have = {row[4].get("id") for row in rows}
    shared = {one for row in rows if (one := shares_network_of(row[4].get("network_mode")))} - have
    more = owners_of(light, shared, {pk: host.name for pk, host in light.items()}) if shared and owners else ()
    networks = networks_of(light, keys_of((row[4] for row in rows), more))
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
    in_swarm = any(SWARM_LABEL in (box.facts.labels or {}) for box in boxes)
    return World(grounds=grounds, boxes=(*boxes, *more), ingress=_ingress() if in_swarm else ())


def _ingress() -> tuple[IngressPort, ...]:
    """What managers tell of ports that swarm publishes."""
    found: dict[IngressPort, None] = {}
    for host in Host.objects.filter(swarm__has_key="services").only("pk", "facts", "swarm")[:MOST_MANAGERS]:
        swarm = host.swarm_facts
        for service in host.swarm_services() or ():
            found |= dict.fromkeys(ingress_of(service, (swarm.cluster_id if swarm else None) or ""))
    return tuple(found)
