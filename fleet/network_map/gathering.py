"""Charts out of the rows: of the whole fleet, to be kept, and of what is around a host or service, when a page asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import QuerySet

from fleet.models import Container, Host, Service
from fleet.network_map.chart import RANK, Chart, Mooring, Named, Net
from fleet.network_map.coarse import Tally
from fleet.network_map.grounds import Grounds, Lies, grounds_of
from fleet.network_map.lying import Lying

#: Containers of which the fine grain is kept, and read for a page. More are told by environment and team.
FINE: Final = 1500
_CHUNK: Final = 5000  # containers whose services are looked at together


def fleet_chart() -> Chart:
    """Of the whole fleet, as fine as its size allows. Reads the fleet: pages ask `fleet.counting`, which keeps it."""
    rows = _running()
    if rows.order_by().values("pk")[: FINE + 1].count() <= FINE:
        return _fine(rows, grounds_of())
    return _coarse(rows, grounds_of())


def chart_around(*, host: str = "", service: str = "") -> Chart:
    """In the fine grain: of the host, or of the hosts that the service (its slug) runs on. Four queries, a fifth where
    there is a swarm, and no more than FINE containers.
    """
    if service:
        there = _running().filter(service__slug=service).order_by()
        hosts = Host.objects.filter(pk__in=there.values("host"))
    else:
        hosts = Host.objects.filter(name=host)
    grounds = grounds_of(hosts)
    return _fine(_running().filter(host__in=list(grounds.hosts)), grounds)


def _running() -> QuerySet[Container]:
    """What is there and runs, or ought to."""
    return Container.objects.filter(gone_at__isnull=True, expected_running=True)


def _fine(rows: QuerySet[Container], grounds: Grounds) -> Chart:
    found = grounds.read(rows, most=FINE + 1)
    lies: dict[tuple[Named, str, int], list[Lying]] = defaultdict(list)
    for one in found[:FINE]:
        lies[one.named, one.team, one.host].append(one.lying)
    nets = sorted({net for some in lies.values() for lie in some for net in lie.nets}, key=lambda net: net.order)
    place_of = {net: place for place, net in enumerate(nets)}
    moorings = []
    for (named, team, host), some in sorted(lies.items(), key=lambda pair: (grounds.hosts[pair[0][2]].name, pair[0])):
        whole = together(some)
        moorings.append(
            Mooring(
                environment=grounds.hosts[host].environment,
                host=grounds.hosts[host].name,
                team=team,
                names=(named,),
                nets=tuple(sorted(place_of[net] for net in whole.nets)),
                exposure=whole.exposure,
                doors=tuple(sorted(whole.doors, key=lambda door: door.order)),
                containers=len(some),
            )
        )
    return Chart(nets=tuple(nets), places=grounds.places(), moorings=tuple(moorings), cut=len(found) > FINE)


def together(lies: Iterable[Lying]) -> Lying:
    """Of several containers of a service: on every network and by every door of each."""
    some = list(lies)
    nets = frozenset[Net]().union(*(one.nets for one in some))
    doors = frozenset(door for one in some for door in one.doors)
    return Lying(nets, min((one.exposure for one in some), key=RANK.__getitem__), doors)


# The coarse grain: some thousand containers at a time, so that it takes the same room in a fleet of any size.


def _coarse(rows: QuerySet[Container], grounds: Grounds) -> Chart:
    tally = Tally()
    for first, last in _chunks(Service.objects.filter(containers_total__gt=0).order_by("pk")):
        found = grounds.read(rows.filter(service__gte=first, service__lte=last))
        for named, team, environment, some in _by_service(found, grounds):
            tally.add(environment, team, named, together(some), containers=len(some))
    return tally.chart(grounds.places())


def _by_service(found: list[Lies], grounds: Grounds) -> Iterator[tuple[Named, str, str, list[Lying]]]:
    """(service, its team, environment, how its containers there lie)."""
    lies: dict[tuple[Named, str, str], list[Lying]] = defaultdict(list)
    for one in found:
        lies[one.named, one.team, grounds.hosts[one.host].environment].append(one.lying)
    for (named, team, environment), some in sorted(lies.items(), key=lambda pair: pair[0]):
        yield named, team, environment, some


def _chunks(rows: QuerySet[Service]) -> Iterator[tuple[int, int]]:
    """The first and the last key of services that have together so many containers, or of one that has more."""
    first = last = None
    containers = 0
    for pk, total in rows.values_list("pk", "containers_total").iterator(chunk_size=_CHUNK):
        if first is not None and last is not None and containers + total > _CHUNK:
            yield first, last
            first, containers = None, 0
        first = pk if first is None else first
        last = pk
        containers += total
    if first is not None and last is not None:
        yield first, last
