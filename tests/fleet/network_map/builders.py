"""Moorings and charts to start from."""

from __future__ import annotations

from typing import Any

from fleet.network_map import Chart, Door, Exposure, Mooring, Named, Net, Span
from fleet.network_map.chart import Place
from fleet.reach import DoorKind

APP = Net(name="app", driver="bridge")
SEALED = Net(name="backplane", driver="overlay", span=Span.CLUSTER, encrypted=True, identity="swarm/backplane")
PLAIN = Net(name="analytics", driver="overlay", span=Span.CLUSTER, encrypted=False, identity="swarm/analytics")
NETS = (SEALED, PLAIN, APP)


def published(port: int, exposure: Exposure = Exposure.EVERY, **changes: Any) -> Door:
    return Door(kind=DoorKind.PUBLISHED, exposure=exposure, port=port, **changes)


def moored(name: str, *nets: int, host: str = "prod-01", **changes: Any) -> Mooring:
    """A service on one host; `nets` are places in NETS."""
    doors = changes.get("doors", ())
    given: dict[str, Any] = {
        "environment": "production",
        "team": "payments",
        "exposure": doors[0].exposure if doors else Exposure.NONE,
        "containers": 1,
        "names": (Named(name, name),),
        "host": host,
        **changes,
    }
    return Mooring(nets=nets, **given)


def alike(team: str, *nets: int, services: int, environment: str = "production", **changes: Any) -> Mooring:
    """Services of a team that lie alike, in the coarse grain."""
    given: dict[str, Any] = {"exposure": Exposure.NONE, "containers": 2 * services, "names": (), **changes}
    return Mooring(environment=environment, team=team, nets=nets, services=services, host="", **given)


def chart(*moorings: Mooring, fine: bool = True, **changes: Any) -> Chart:
    environments = list(dict.fromkeys(one.environment for one in moorings))
    places = tuple(Place(slug=slug, name=slug.capitalize(), hosts=3) for slug in environments)
    return Chart(nets=changes.pop("nets", NETS), places=places, moorings=moorings, fine=fine, **changes)
