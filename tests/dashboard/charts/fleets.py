"""Charts of any size with one of everything, for tests of the map."""

from __future__ import annotations

import random

from fleet.network_map import Chart, Door, Exposure, Mooring, Named, Net, Span
from fleet.reach import DoorKind
from tests.fleet.network_map.builders import alike, chart, published

NAMES = ("checkout", "a", "search-index-of-the-whole-catalogue-WWWW", "mail", "Ålesund×…", "_")
TEAMS = ("payments", "", "a-team-with-a-name-that-is-too-long-for-its-chip", "media")
HOSTS = {"production": 12, "staging": 5, "test": 3}


def random_fleet(services: int, *, seed: int = 1, fine: bool = True) -> Chart:
    """Services on local, joining, internal, physical, unknown and no networks, with doors of every kind."""
    dice = random.Random(seed)
    nets = [
        *(
            Net(
                name=f"mesh-{n}",
                driver="overlay",
                span=Span.CLUSTER,
                encrypted=n % 2 == 0,
                identity=f"m{n}" if fine else "",
            )
            for n in range(4)
        ),
        Net(name="lan", driver="macvlan", span=Span.WIRE),
        *(Net(name=f"project-{n:02}_default", driver="bridge", internal=n % 5 == 0) for n in range(20)),
        Net(name="bridge", driver="bridge"),
        Net(name="gone", span=Span.UNKNOWN),
    ]
    moorings: list[Mooring] = []
    for number in range(services):
        environment = dice.choice(list(HOSTS))
        doors = _doors(dice)
        on = tuple(sorted(dice.sample(range(len(nets)), dice.choice((0, 1, 1, 1, 2, 3)))))
        team, exposure = (
            dice.choice(TEAMS),
            doors[0].exposure if doors else dice.choice((Exposure.NONE, Exposure.UNKNOWN)),
        )
        if not fine:
            size = dice.randint(1, 400)
            moorings.append(
                alike(
                    team,
                    *on,
                    services=size,
                    environment=environment,
                    doors=doors,
                    exposure=exposure,
                    more_doors=size > 200,
                )
            )
            continue
        named = Named(f"{dice.choice(NAMES)}-{number}", f"s-{number}")
        moorings += [
            Mooring(
                environment=environment,
                host=f"{environment}-{host:02}",
                team=team,
                nets=on,
                exposure=exposure,
                containers=dice.randint(1, 12),
                names=(named,),
                doors=doors,
            )
            for host in dice.sample(range(HOSTS[environment]), dice.choice((1, 2, 3)))
        ]
    return chart(*moorings, nets=tuple(nets), fine=fine)


def _doors(dice: random.Random) -> tuple[Door, ...]:
    ports = {published(dice.randint(1, 65535), protocol=dice.choice(("tcp", "udp"))) for _ in range(dice.randint(1, 9))}
    kinds: tuple[tuple[Door, ...], ...] = (
        (Door(kind=DoorKind.HOST_MODE, exposure=Exposure.HOST),),
        (Door(kind=DoorKind.DIRECT, exposure=Exposure.DIRECT),),
        tuple(sorted(ports, key=lambda door: door.order)),
        (published(5432, Exposure.ADDRESS, address="10.20.30.40"),),
        (published(9000, Exposure.LOOPBACK), published(9001, Exposure.LOOPBACK)),
        (Door(kind=DoorKind.INGRESS, exposure=Exposure.EVERY),),
        (),
    )
    return dice.choice((*kinds, ()))
