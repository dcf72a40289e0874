"""One mistake each: production services that are not fit to be there, on hosts that are."""

from __future__ import annotations

import dataclasses
from typing import Any

from fleet.simulation.company.images import POSTGRES, PRESS_SITE, REDIS, own
from fleet.simulation.company.recipes import careful, compose
from fleet.simulation.spec import DAY, GIB, HOUR, MIB, Container, Life, Mount, Port

_SHOP: dict[str, Any] = {"network_mode": "shop_default", "networks": ("shop_default",)}
_REPORTS: dict[str, Any] = {"network_mode": "reports_default", "networks": ("reports_default",)}
_ANALYTICS: dict[str, Any] = {"network_mode": "analytics", "networks": ("analytics",)}


def troubles_on(host: str) -> tuple[Container, ...]:
    return {
        "prod-01": (_geo_lookup(1, "healthy"), _press_site(1)),
        "prod-02": (_recommendations(), _recommendations_worker()),
        "prod-03": (_counters(),),
        "prod-04": (_press_site(2), _transcoder(1)),
        "prod-05": (_orders_db(), _geo_lookup(2, "unhealthy")),
        "prod-06": (_transcoder(2), _reports()),
    }[host]


def _orders_db() -> Container:
    """A database whose port is open to the whole network."""
    return careful("orders-db", POSTGRES, team="payments", labels=compose("shop", "orders-db"), memory=4 * GIB,
                   mounts=(Mount("volume", "/var/lib/postgresql/data", "orders-data"),), read_only=False,
                   environment=("POSTGRES_PASSWORD_FILE=/run/secrets/orders",), ports=(Port(5432, 5432),),
                   life=Life(age=120 * DAY), **_SHOP)  # fmt: skip


def _counters() -> Container:
    """Data in a volume without a name: the next `docker compose down -v` or prune takes it."""
    image = dataclasses.replace(REDIS, digest=REDIS.digest, user="999", health_check=POSTGRES.health_check)
    return careful("counters", image, team="growth", labels=compose("shop", "counters"), read_only=False,
                   mounts=(Mount("volume", "/data"),), life=Life(age=33 * DAY), **_SHOP)  # fmt: skip


def _recommendations() -> Container:
    """Started by its tag."""
    image = own("discovery", "recommendations", "0.4.0")
    return careful("recommendations", image, team="discovery", reference=image.reference, **_ANALYTICS)


def _recommendations_worker() -> Container:
    """Dies a few seconds after every start."""
    image = own("discovery", "recommendations-worker", "0.4.1", age=2 * DAY)
    life = Life(age=6 * HOUR, loop=20, exit_code=3, restarts=974)
    return careful("recommendations-worker", image, team="discovery", restart="always", life=life, **_ANALYTICS)


def _geo_lookup(number: int, health: str) -> Container:
    """One of two replicas has not answered its health check for an hour and a half."""
    return careful(f"geo-lookup-{number}", own("discovery", "geo-lookup", "2.5.0"), team="discovery",
                   service="geo-lookup", life=Life(age=5 * DAY, health=health), **_SHOP)  # fmt: skip


def _transcoder(number: int) -> Container:
    """Killed for want of memory on one host; the other waits its turn."""
    image = own("media", "video-transcoder", "4.0.0")
    died = Life("exited", age=2 * DAY, ended=3 * HOUR, exit_code=137, oom_killed=True)
    life = died if number == 1 else Life(age=2 * DAY)
    return careful(f"video-transcoder-{number}", image, team="media", service="video-transcoder", life=life,
                   memory=768 * MIB, size_rw=640 * MIB, read_only=False, **_SHOP)  # fmt: skip


def _reports() -> Container:
    """Ought to be running, says its restart policy, and is not."""
    error = 'failed to create task for container: exec: "/app/report": permission denied: unknown'
    life = Life("exited", age=8 * DAY, ended=1 * DAY, exit_code=126, error=error)
    image = own("payments", "batch-reports", "1.9.2")
    labels = compose("reports", "batch-reports")
    return careful("batch-reports", image, team="payments", labels=labels, restart="always", life=life, **_REPORTS)


def _press_site(number: int) -> Container:
    """Built on the host by hand: in no registry, so it can be neither pinned nor scanned nor copied."""
    return careful(f"press-site-{number}", PRESS_SITE, team="content", service="press-site",
                   labels=compose("press", "site", number=number), ports=(Port(8080, 8090, "127.0.0.1"),),
                   **_SHOP)  # fmt: skip
