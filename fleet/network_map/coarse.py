"""The coarse grain: how many services of an environment and a team lie alike, in bounded room."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from fleet.network_map.chart import Chart, Door, Exposure, Mooring, Named, Net, Place, Span
from fleet.network_map.lying import Lying

NETS: Final = 12  # of an environment that are kept by name: those with most services
NAMES: Final = 8  # of services that lie alike
DOORS: Final = 6
_NAMED_MEANWHILE: Final = 2000  # networks of an environment that are told apart while counting
_MOORINGS: Final = 3000

OTHERS: Final = Net(name="other networks", span=Span.OTHERS)
_Key = tuple[str, str, frozenset[Net], Exposure]  # environment, team, networks, exposure


@dataclass(slots=True)
class _Alike:
    services: int = 0
    containers: int = 0
    names: list[Named] = field(default_factory=list)
    doors: set[Door] = field(default_factory=set)
    more_doors: bool = False

    def take(self, other: _Alike) -> None:
        self.services += other.services
        self.containers += other.containers
        self.names = sorted({*self.names, *other.names})[:NAMES]
        doors = sorted({*self.doors, *other.doors}, key=lambda door: door.order)
        self.more_doors |= other.more_doors or len(doors) > DOORS
        self.doors = set(doors[:DOORS])


class Tally:
    """Takes service after service, and is a chart in the end."""

    def __init__(self) -> None:
        self._alike: dict[_Key, _Alike] = {}
        self._services: Counter[tuple[str, Net]] = Counter()  # by environment and network

    def add(self, environment: str, team: str, named: Named, lie: Lying, *, containers: int) -> None:
        nets = frozenset(self._known(environment, replace(net, identity="")) for net in lie.nets)
        for net in nets:
            self._services[environment, net] += 1
        one = _Alike(1, containers, [named])
        one.take(_Alike(doors=set(lie.doors)))
        self._alike.setdefault((environment, team, nets, lie.exposure), _Alike()).take(one)

    def _known(self, environment: str, net: Net) -> Net:
        if (environment, net) in self._services or len(self._services) < _NAMED_MEANWHILE:
            return net
        return OTHERS

    def chart(self, places: tuple[Place, ...]) -> Chart:
        """With the networks that most services of each environment are on; the others are drawn as one."""
        kept = {place.slug: self._largest(place.slug) for place in places}
        folded: dict[_Key, _Alike] = {}
        for (environment, team, nets, exposure), alike in self._alike.items():
            own = frozenset(net if net in kept.get(environment, ()) else OTHERS for net in nets)
            folded.setdefault((environment, team, own, exposure), _Alike()).take(alike)
        some = _fewer(folded)
        every = tuple(sorted({net for _, _, own, _ in some for net in own}, key=lambda net: net.order))
        place_of = {net: place for place, net in enumerate(every)}
        moorings = [_mooring(key, alike, place_of) for key, alike in some.items()]
        moorings.sort(key=lambda one: (one.environment, one.team, one.nets, one.exposure))
        return Chart(nets=every, places=places, moorings=tuple(moorings), fine=False)

    def _largest(self, environment: str) -> set[Net]:
        of_it = {net: number for (slug, net), number in self._services.items() if slug == environment}
        return set(sorted(of_it, key=lambda net: (-of_it[net], net.order))[:NETS])


def _fewer(alike: dict[_Key, _Alike]) -> dict[_Key, _Alike]:
    """Of very many teams the smaller ones lose their networks' names; no service is lost."""
    if len(alike) <= _MOORINGS:
        return alike
    order = sorted(
        alike, key=lambda key: (-alike[key].services, key[0], key[1], sorted(net.order for net in key[2]), key[3])
    )
    found = {key: alike[key] for key in order[:_MOORINGS]}
    for environment, team, nets, exposure in order[_MOORINGS:]:
        key = (environment, team, frozenset({OTHERS}) if nets else nets, exposure)
        found.setdefault(key, _Alike()).take(alike[environment, team, nets, exposure])
    return found


def _mooring(key: _Key, alike: _Alike, place_of: dict[Net, int]) -> Mooring:
    environment, team, nets, exposure = key
    return Mooring(
        environment=environment,
        team=team,
        nets=tuple(sorted(place_of[net] for net in nets)),
        exposure=exposure,
        containers=alike.containers,
        names=tuple(alike.names),
        services=alike.services,
        doors=tuple(sorted(alike.doors, key=lambda door: door.order)),
        more_doors=alike.more_doors,
    )
