"""Two hosts on which people try things out."""

from __future__ import annotations

from fleet.simulation.company.images import GRAFANA, JUPYTER, KAFKA, MAILPIT, MINIO, NGINX, POSTGRES, REDIS, own
from fleet.simulation.company.recipes import careless, compose, named
from fleet.simulation.plan import Engine
from fleet.simulation.releases import DEBIAN_13, V29
from fleet.simulation.spec import DAY, HOUR, Container, Life, Mount, Network, Port

_OPEN_API = (
    "[DEPRECATION NOTICE]: API is accessible on http://0.0.0.0:2375 without encryption.\n"
    "         Access to the remote API is equivalent to root access on the host. Refer\n"
    "         to the 'Docker daemon attack surface' section in the documentation for\n"
    "         more information: https://docs.docker.com/go/attack-surface/"
)


def development_engines() -> tuple[Engine, ...]:
    return (_first(), _second())


def _branch(team: str, service: str, version: str, person: str) -> Container:
    labels = {**named(service, team), **compose(f"{person}-shop", service)}
    return careless(f"{person}-{service}", own(team, service, version, age=1 * DAY), labels=labels,
                    life=Life(age=5 * HOUR), network_mode="people", networks=("people",))  # fmt: skip


def _first() -> Engine:
    """Somebody opened the engine to the network to make an editor work."""
    branches = (
        _branch("payments", "checkout", "2.16.0-dev", "ines"),
        _branch("content", "web-shop", "11.6.0-dev", "ines"),
        _branch("discovery", "search-api", "8.0.0-dev", "tom"),
        _branch("discovery", "catalogue", "5.0.0-dev", "tom"),
        _branch("media", "uploads", "2.2.0-dev", "yuki"),
    )
    trials = (
        careless("grafana-trial", GRAFANA, ports=(Port(3000, 3000),)),
        careless("mailpit", MAILPIT, ports=(Port(8025, 8025), Port(1025, 1025))),
        careless("tom-postgres", POSTGRES, ports=(Port(5432, 5432),), labels=compose("tom-shop", "db"),
                 mounts=(Mount("volume", "/var/lib/postgresql/data"),)),
    )  # fmt: skip
    return Engine(name="dev-01", environment="development", team="content", release=V29, system=DEBIAN_13,
                  containers=(*branches, *trials), networks=(Network("people", 20),), warnings=(_OPEN_API,),
                  address="10.23.0.11", labels=("env=development",))  # fmt: skip


def _second() -> Engine:
    trials = (
        careless("ml-playground", JUPYTER, ports=(Port(8888, 8888),), labels={"loadline.service": "ml-playground"},
                 mounts=(Mount("bind", "/home/jovyan/work", "/home/ana/notebooks"),)),
        careless("kafka-trial", KAFKA, ports=(Port(9092, 9092),)),
        careless("minio-trial", MINIO, mounts=(Mount("volume", "/data"),), ports=(Port(9000, 9000),)),
        careless("ana-redis", REDIS, mounts=(Mount("volume", "/data"),)),
        careless("landing-page", NGINX, ports=(Port(80, 80),)),
        careless("old-trial", NGINX, life=Life("exited", age=60 * DAY, ended=59 * DAY)),
        careless("never-started", NGINX, life=Life("created", age=20 * DAY)),
        careless("held", MAILPIT, life=Life("paused", age=2 * DAY)),
    )  # fmt: skip
    branches = (_branch("growth", "loyalty", "0.2.0-dev", "ana"), _branch("growth", "newsletter", "4.0.0-dev", "ana"))
    return Engine(name="dev-02", environment="development", team="discovery", release=V29, system=DEBIAN_13,
                  containers=(*trials, *branches), networks=(Network("people", 20),), debug=True, forwarding=False,
                  warnings=("WARNING: IPv4 forwarding is disabled",), address="10.23.0.12",
                  labels=("env=development",))  # fmt: skip
