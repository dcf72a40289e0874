"""A part of a chart: what the filters of the page leave, and the same in less detail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fleet.network_map.chart import Chart, Exposure, Mooring, Place

#: The value of a team filter that asks for what no team owns.
NO_TEAM = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Empty means any. `host` and `service` mean something in the fine grain only. With a service comes what shares a
    network with it; `exposed` leaves only what a door leads to from outside its host.
    """

    environment: str = ""
    environments: frozenset[str] | None = None  # any of these
    team: str = ""
    host: str = ""
    network: str = ""
    service: str = ""  # its slug
    exposed: bool = False

    @property
    def any(self) -> bool:
        return self != Filters()


def narrowed(chart: Chart, filters: Filters) -> Chart:
    """Networks keep their places in the list, so that a mooring means the same in either."""
    kept = [one for one in chart.moorings if _wanted(one, chart, filters)]
    if filters.service:
        kept = _around(filters.service, kept, chart)
    there = {one.environment for one in kept}
    return replace(chart, moorings=tuple(kept), places=_places(chart.places, there))


def _places(places: Iterable[Place], there: set[str]) -> tuple[Place, ...]:
    return tuple(place for place in places if place.slug in there)


def _wanted(one: Mooring, chart: Chart, filters: Filters) -> bool:
    if filters.environment and one.environment != filters.environment:
        return False
    if filters.environments is not None and one.environment not in filters.environments:
        return False
    if filters.team and one.team != ("" if filters.team == NO_TEAM else filters.team):
        return False
    if filters.host and one.host != filters.host:
        return False
    if filters.exposed and one.exposure in {Exposure.NONE, Exposure.LOOPBACK}:
        return False
    return not filters.network or any(chart.nets[place].name == filters.network for place in one.nets)


def _around(slug: str, moorings: list[Mooring], chart: Chart) -> list[Mooring]:
    """The service itself, and whatever lies on a network on which it lies: one that stays on its host, there; one
    that joins hosts, wherever it is.
    """
    own = [one for one in moorings if any(named.slug == slug for named in one.names)]
    shared = {_reach_of(one, place, chart) for one in own for place in one.nets}
    return [
        one
        for one in moorings
        if any(named.slug == slug for named in one.names)
        or any(_reach_of(one, place, chart) in shared for place in one.nets)
    ]


def _reach_of(one: Mooring, place: int, chart: Chart) -> tuple[str, str]:
    net = chart.nets[place]
    return (net.identity, "") if net.identity else (net.name, one.host or one.environment)
