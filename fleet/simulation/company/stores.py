"""Where production keeps its state: replicated, on one disk, or thrown away on purpose."""

from __future__ import annotations

from typing import Any

from fleet.simulation.company.images import CASSANDRA, POSTGRES, PROMETHEUS, RABBITMQ, VALKEY
from fleet.simulation.company.recipes import careful, compose
from fleet.simulation.spec import DAY, GIB, Container, Image, Life, Mount

_BACKPLANE: dict[str, Any] = {"network_mode": "backplane", "networks": ("backplane",)}
_SLOW_STOP: dict[str, Any] = {"stop_timeout": 120, "memory": 8 * GIB, "life": Life(age=48 * DAY), "read_only": False}


def stores_on(host: str) -> tuple[Container, ...]:
    number = int(host[-2:])
    # Six members on six hosts, each with a disk of its own: any of them may die.
    found = [_store("cassandra", number, CASSANDRA, "/var/lib/cassandra", team="discovery")]
    if number <= 3:  # noqa: PLR2004
        found.append(_store("message-bus", number, RABBITMQ, "/var/lib/rabbitmq", team="platform"))
    if number in {2, 5}:
        cache = _store("session-cache", number, VALKEY, "/data", team="platform")
        found.append(cache)
    if number in {3, 6}:
        found.append(_store("metrics", number, PROMETHEUS, "/prometheus", team="platform"))
    if number == 4:  # noqa: PLR2004
        # In good order, and yet everything the company is owed lies on this one disk.
        found.append(_store("ledger-db", number, POSTGRES, "/var/lib/postgresql/data", team="payments"))
    return tuple(found)


def _store(service: str, number: int, image: Image, path: str, *, team: str) -> Container:
    return careful(
        f"{service}-{number}",
        image,
        team=team,
        service=service,
        labels={**compose(service, service, number=number), "backup.policy": "daily"},
        mounts=(Mount("volume", path, f"{service}-data"),),
        environment=("POSTGRES_PASSWORD_FILE=/run/secrets/ledger",) if service == "ledger-db" else (),
        **_BACKPLANE,
        **_SLOW_STOP,
    )
