"""Fleets of any size, the same on every run with the same seed."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

from fleet.simulation.identifiers import content_id
from fleet.simulation.plan import Engine, SimulatedFleet
from fleet.simulation.releases import UBUNTU_2404, V29
from fleet.simulation.spec import DAY, HOUR, MIB, Container, HealthCheck, Image, Life, Mount, Network, Port

TEAMS = ("payments", "discovery", "platform", "content", "media", "growth")
ENVIRONMENTS = ("production", "production", "production", "staging", "test", "development")
_PLACES = ("atlantic", "baltic", "biscay", "dogger", "fisher", "forth", "humber", "lundy", "malin", "shannon", "thames",
           "viking", "wight", "fastnet", "rockall", "hebrides", "sole", "tyne", "dover", "plymouth")  # fmt: skip
_PARTS = ("api", "web", "worker", "cache", "feed", "index", "sync", "gate")
_NAMES = tuple(f"{place}-{part}" for place in _PLACES for part in _PARTS)
_GROUP = 10  # hosts
_FEWEST = 8  # services of a group, however few containers its hosts have
_CHECK = HealthCheck(("CMD-SHELL", "wget -qO- http://127.0.0.1:8080/healthz || exit 1"))
_LIVES = (Life(age=3 * HOUR), Life(age=2 * DAY), Life(age=9 * DAY), Life(age=40 * DAY))
_UNHEALTHY = Life(age=5 * DAY, health="unhealthy")


def synthetic(*, engines: int, containers: int, agents: int = 0, seed: int = 1) -> SimulatedFleet:
    """`engines` hosts with `containers` each; about four in five containers are well kept.

    A service belongs to one team and environment and stands on three to ten of its hosts, as many as there are, with
    one or two containers on each. The first `agents` containers of every host are of services that stand everywhere.
    """
    everywhere = [_image(f"agent-{number + 1}", number) for number in range(agents)]
    pools: dict[int, list[_Service]] = {}
    made = [_engine(number, containers, everywhere, pools, seed) for number in range(engines)]
    return SimulatedFleet(tuple(made), seed)


def names(number: int) -> list[str]:
    """So many names of services, none of them twice."""
    return [_name(at) for at in range(number)]


def _name(number: int) -> str:
    again, which = divmod(number, len(_NAMES))
    return f"{_NAMES[which]}-{again + 1}" if again else _NAMES[which]


@dataclass(frozen=True, slots=True)
class _Service:
    """`places` are the hosts of its group that it stands on, counted from 0."""

    image: Image
    name: str
    places: frozenset[int]


def _pool(group: int, containers: int, seed: int) -> list[_Service]:
    """The services of one group of hosts, shared by its engines, so that a large fleet stays small in memory."""
    dice = random.Random(f"{seed}/services/{group}")  # noqa: S311  (repeatable, not secret)
    return [_service(group * max(containers, _FEWEST) + at, dice) for at in range(max(containers, _FEWEST))]


def _service(number: int, dice: random.Random) -> _Service:
    name = _name(number)
    places = frozenset(dice.sample(range(_GROUP), dice.randint(3, _GROUP)))
    return _Service(_image(name, number % 40), name, places)


def _image(name: str, minor: int) -> Image:
    return Image(
        f"registry.internal/{name}:1.{minor}.0",
        content_id("synthetic", name),
        user="10001",
        health_check=_CHECK,
        exposed=("8080/tcp",),
        labels={"org.opencontainers.image.version": f"1.{minor}.0"},
    )


def _engine(
    number: int, containers: int, everywhere: list[Image], pools: dict[int, list[_Service]], seed: int
) -> Engine:
    dice = random.Random(f"{seed}/{number}")  # noqa: S311  (repeatable, not secret)
    # Hosts of one team and environment are every sixth; ten of them make a group, which shares services.
    block, kind = number // (_GROUP * len(TEAMS)), number % len(TEAMS)
    group, place = block * len(TEAMS) + kind, number // len(TEAMS) % _GROUP
    if group not in pools:
        pools[group] = _pool(group, containers, seed)
    here = [service for service in pools[group] if place in service.places] or pools[group]
    chosen = [(image, image.repository.rpartition("/")[2]) for image in everywhere[:containers]]
    chosen += [(one.image, one.name) for one in dice.choices(here, k=containers - len(chosen))]
    return Engine(
        name=f"sim-{number + 1:04d}",
        environment=ENVIRONMENTS[kind],
        team=TEAMS[kind],
        release=V29,
        system=UBUNTU_2404,
        networks=(Network("apps", 20),),
        containers=tuple(_container(image, name, at, dice) for at, (image, name) in enumerate(chosen)),
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
        life=_life(dice, unhealthy=unhealthy),
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


def _life(dice: random.Random, *, unhealthy: bool) -> Life:
    """No two were started in the same second, so that their probes do not come all at once."""
    life = _UNHEALTHY if unhealthy else dice.choice(_LIVES)
    return dataclasses.replace(life, age=round(life.age + dice.random() * HOUR, 3))
