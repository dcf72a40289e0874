"""Fleets of any number of services with all kinds of state, doors and ties: for pictures, and for whoever tries pages.

varied(3), varied(60), varied(500): hosts come along as the services need them, and the first few services are as
different from each other as those of the largest fleet.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.simulation.identifiers import content_id
from fleet.simulation.plan import Engine, Release, SimulatedFleet, System
from fleet.simulation.releases import DEBIAN_12, DEBIAN_13, UBUNTU_2004, UBUNTU_2404, V20_DEBIAN, V24, V29, V29_EARLIER
from fleet.simulation.spec import DAY, GIB, HOUR, MIB, Container, HealthCheck, Image, Life, Mount, Network, Port, Volume
from fleet.simulation.synthesis import TEAMS, names

_PER_HOST: Final = 9  # containers
_SHARES: Final = (("production", 5), ("staging", 2), ("test", 1), ("development", 1))  # of nine hosts
_SHORT: Final = {"production": "prod", "development": "dev"}
_MACHINES: Final[Sequence[tuple[Release, System]]] = (
    (V29, UBUNTU_2404), (V29_EARLIER, DEBIAN_13), (V20_DEBIAN, DEBIAN_12), (V29, DEBIAN_13), (V24, UBUNTU_2004),
)  # fmt: skip
_OCI: Final = "application/vnd.oci.image.manifest.v1+json"
_CHECK: Final = HealthCheck(("CMD-SHELL", "/app/probe || exit 1"))
_NFS: Final = {"type": "nfs", "o": "addr=nas.internal,nfsvers=4,hard", "device": ":/export/shared"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One way of being a service: its image, how many copies it has, and what its containers are given."""

    image: str = ""  # of its own making when empty
    copies: int = 2
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    volume: Volume | None = None
    exposed: tuple[str, ...] = ("8080/tcp",)
    checked_by_image: bool = False


def _with(**given: Any) -> Mapping[str, Any]:
    return given


#: In this order, over and over; what differs most comes first.
_KINDS: Final[Sequence[_Kind]] = (
    _Kind(given=_with(ports=(Port(8080, 443),))),
    _Kind(image="postgres:17.6", copies=1, exposed=("5432/tcp",),
          given=_with(mounts=(Mount("volume", "/var/lib/postgresql/data", "{}-data"),))),
    _Kind(given=_with(log_driver="awslogs", extra_hosts=("host.docker.internal:host-gateway",))),
    _Kind(copies=3),
    _Kind(image="cassandra:5.0.6", copies=3, given=_with(mounts=(Mount("volume", "/var/lib/cassandra", "{}-data"),)),
          exposed=("9042/tcp",)),
    _Kind(given=_with(log_driver="local"), checked_by_image=True),
    _Kind(copies=1, given=_with(mounts=(Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"),))),
    _Kind(given=_with(ports=(Port(8080, 8080, "127.0.0.1"),))),
    _Kind(volume=Volume("{}-files", "local", _NFS), given=_with(mounts=(Mount("volume", "/srv", "{}-files"),))),
    _Kind(image="redis:7.2", copies=1, given=_with(ports=(Port(6379, 6379),), mounts=(Mount("volume", "/data"),)),
          exposed=("6379/tcp",)),
    _Kind(copies=1, given=_with(network_mode="host", networks=("host",))),
    _Kind(copies=2),
    _Kind(copies=1, volume=Volume("{}-store", "pxd"), given=_with(mounts=(Mount("volume", "/data", "{}-store"),))),
    _Kind(copies=1, given=_with(size_rw=3 * GIB)),
    _Kind(copies=1, given=_with(links=("/base:/{}/base",), network_mode="default", networks=("bridge",))),
    _Kind(copies=2, checked_by_image=True),
    _Kind(copies=1, volume=Volume("{}-old", "flocker"), given=_with(mounts=(Mount("volume", "/data", "{}-old"),))),
    _Kind(copies=1, given=_with(gpus=1, memory=8 * GIB)),
    _Kind(copies=2, given=_with(runtime="runsc")),
    _Kind(copies=1, given=_with(network_mode="default", networks=("bridge",), ports=(Port(8080, 8081),), memory=0)),
    _Kind(copies=2, given=_with(network_mode="far", networks=("far",))),
    _Kind(copies=3),
    _Kind(copies=1, given=_with(privileged=True, log_driver="syslog")),
)  # fmt: skip


def varied(services: int, *, seed: int = 1) -> SimulatedFleet:
    """So many services, on as many hosts as they need; the same for the same seed."""
    dice = random.Random(f"varied/{seed}")  # noqa: S311  (repeatable, not secret)
    kinds = [_KINDS[number % len(_KINDS)] for number in range(services)]
    hosts = _hosts(max(3, -(-sum(kind.copies for kind in kinds) // _PER_HOST)))
    placed: dict[int, list[Container]] = {number: [] for number in range(len(hosts))}
    volumes: dict[int, list[Volume]] = {number: [] for number in placed}
    for number, (name, kind) in enumerate(zip(names(services), kinds, strict=True)):
        where = _chosen(number, kind.copies, hosts)
        image = _image(name, kind)
        for copy, host in enumerate(where, 1):
            one = _container(name, kind, image, number, dice)
            placed[host].append(dataclasses.replace(one, name=f"{name}-{copy}"))
            if kind.volume is not None:
                named = dataclasses.replace(kind.volume, name=kind.volume.name.format(name))
                volumes[host] += [named] if named not in volumes[host] else []
    engines = (_engine(at, environment, placed[at], volumes[at]) for at, environment in enumerate(hosts))
    return SimulatedFleet(tuple(engines), seed)


def _hosts(number: int) -> list[str]:
    """The environment of each host: every one has its share as soon as there are hosts enough."""
    turn = [environment for environment, share in _SHARES for _ in range(share)]
    mixed = [turn[(4 * place) % len(turn)] for place in range(number)]
    return mixed if number > len(turn) else ["production", "production", *mixed[2:]]


def _chosen(number: int, copies: int, hosts: Sequence[str]) -> list[int]:
    """Hosts of one environment, each another one while there are enough; most services are in production."""
    wanted = ("production", "production", "staging", "production", "production", "test", "production", "development")
    environment = wanted[number % len(wanted)] if number >= 3 else "production"  # noqa: PLR2004
    there = [place for place, one in enumerate(hosts) if one == environment] or list(range(len(hosts)))
    return [there[(number + copy) % len(there)] for copy in range(copies)]


def _image(name: str, kind: _Kind) -> Image:
    reference = f"registry.internal/mirror/{kind.image}" if kind.image else f"registry.internal/{name}:1.4.0"
    return Image(
        reference,
        content_id("varied", reference),
        user="10001",
        exposed=kind.exposed,
        health_check=_CHECK if kind.checked_by_image else None,
        media_type=_OCI if kind.checked_by_image else "",
        labels={"org.opencontainers.image.version": "1.4.0"},
    )


def _container(name: str, kind: _Kind, image: Image, number: int, dice: random.Random) -> Container:
    careless = dice.random() < 0.1  # noqa: PLR2004
    plain: dict[str, Any] = {
        "health_check": None if kind.checked_by_image else _CHECK,
        "network_mode": "apps",
        "networks": ("apps",),
        "memory": 0 if careless else 256 * MIB,
        "nano_cpus": 500_000_000,
        "pids_limit": 200,
        "restart": "on-failure" if number % 3 else "unless-stopped",
        "cap_drop": ("ALL",),
        "security_options": ("no-new-privileges:true",),
        "read_only": True,
        "log_options": {"max-size": "10m", "max-file": "3"},
    }
    given = {**plain, **kind.given}
    given["mounts"] = tuple(
        dataclasses.replace(one, source=one.source.format(name)) for one in kind.given.get("mounts", ())
    )
    given["links"] = tuple(link.format(name) for link in kind.given.get("links", ()))
    if given.get("log_driver", "json-file") not in {"json-file", "local"}:
        given["log_options"] = {}
    return Container(
        name=name,
        image=image,
        reference=image.reference if careless else image.pinned,
        life=Life(age=round(2 * DAY + dice.random() * 40 * DAY, 3) if number % 11 else HOUR),
        labels={"loadline.service": name, "loadline.team": TEAMS[number % len(TEAMS)]},
        user="root" if careless else None,
        **given,
    )


def _engine(number: int, environment: str, containers: Sequence[Container], volumes: Sequence[Volume]) -> Engine:
    release, system = _MACHINES[(number * 2 + number // 5) % len(_MACHINES)]
    drivers = ("local", *sorted({volume.driver for volume in volumes} - {"local"}))
    dead = "flocker" in drivers
    gone = "list flocker: dial unix /run/docker/plugins/flocker.sock: connect: no such file or directory"
    return Engine(
        name=f"{_SHORT.get(environment, environment)}-{number + 1:03d}",
        environment=environment,
        team=TEAMS[number % len(TEAMS)],
        release=release,
        system=system,
        containers=tuple(containers),
        volumes=tuple(volumes),
        volume_drivers=drivers,
        volume_warnings=(gone,) if dead else (),
        networks=(Network("apps", 20), Network("far", 21, driver="macvlan" if number % 2 else "weave")),
        address=f"10.60.{number // 250}.{number % 250 + 1}",
    )
