"""Fleets of any size, the same on every run with the same seed."""

from __future__ import annotations

import random

from fleet.simulation.identifiers import content_id
from fleet.simulation.plan import Engine, SimulatedFleet
from fleet.simulation.releases import UBUNTU_2404, V29
from fleet.simulation.spec import DAY, HOUR, MIB, Container, HealthCheck, Image, Life, Mount, Network, Port

TEAMS = ("payments", "discovery", "platform", "content", "media", "growth")
ENVIRONMENTS = ("production", "production", "production", "staging", "test", "development")
_PLACES = ("atlantic", "baltic", "biscay", "dogger", "fisher", "forth", "humber", "lundy", "malin", "shannon", "thames",
           "viking", "wight", "fastnet", "rockall", "hebrides", "sole", "tyne", "dover", "plymouth")  # fmt: skip
_PARTS = ("api", "web", "worker", "cache", "feed", "index", "sync", "gate")
_CHECK = HealthCheck(("CMD-SHELL", "wget -qO- http://127.0.0.1:8080/healthz || exit 1"))
_LIVES = (Life(age=3 * HOUR), Life(age=2 * DAY), Life(age=9 * DAY), Life(age=40 * DAY))
_UNHEALTHY = Life(age=5 * DAY, health="unhealthy")


def synthetic(*, engines: int, containers: int, seed: int = 1) -> SimulatedFleet:
    """`engines` hosts with `containers` each; about four in five containers are well kept."""
    images = _images()
    return SimulatedFleet(tuple(_engine(number, containers, images, seed) for number in range(engines)), seed)


def _images() -> dict[str, Image]:
    """Shared by all engines, so that a large fleet stays small in memory."""
    return {
        name: Image(
            f"registry.internal/{name}:1.{number}.0",
            content_id("synthetic", name),
            user="10001",
            health_check=_CHECK,
            exposed=("8080/tcp",),
            labels={"org.opencontainers.image.version": f"1.{number}.0"},
        )
        for number, name in enumerate(f"{place}-{part}" for place in _PLACES for part in _PARTS)
    }


def _engine(number: int, containers: int, images: dict[str, Image], seed: int) -> Engine:
    dice = random.Random(f"{seed}/{number}")  # noqa: S311  (repeatable, not secret)
    names = dice.choices(list(images), k=containers)
    return Engine(
        name=f"sim-{number + 1:04d}",
        environment=ENVIRONMENTS[number % len(ENVIRONMENTS)],
        team=TEAMS[number % len(TEAMS)],
        release=V29,
        system=UBUNTU_2404,
        networks=(Network("apps", 20),),
        containers=tuple(_container(images[name], name, place, dice) for place, name in enumerate(names)),
        address=f"10.{30 + number // 60000}.{number // 250 % 240}.{number % 250 + 1}",
    )


def _container(image: Image, name: str, place: int, dice: random.Random) -> Container:
    draw = dice.random()
    careless = draw < 0.12  # noqa: PLR2004
    unhealthy = 0.12 <= draw < 0.15  # noqa: PLR2004
    published = (Port(8080, 20000 + place, "127.0.0.1"),) if place % 3 == 0 else ()
    data = (Mount("volume", "/data", f"{name}-{place}-data"), Mount("bind", "/etc/app", "/srv/conf", writable=False))
    return Container(
        name=f"{name}-{place}",
        image=image,
        reference=image.reference if careless else image.pinned,
        life=_UNHEALTHY if unhealthy else dice.choice(_LIVES),
        labels={"loadline.service": name},
        environment=("MODE=server",),
        user="root" if careless else None,
        ports=published,
        mounts=data if place % 4 == 0 else (),
        network_mode="apps",
        networks=("apps",),
        memory=0 if careless else 256 * MIB,
        nano_cpus=500_000_000,
        pids_limit=200,
        restart="unless-stopped",
        cap_drop=("ALL",),
        security_options=("no-new-privileges:true",),
        read_only=True,
        log_options={"max-size": "10m", "max-file": "3"},
    )
