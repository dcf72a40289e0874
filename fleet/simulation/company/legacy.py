"""legacy-01: the machine that nobody dares to touch, with everything wrong that can be."""

from __future__ import annotations

from fleet.simulation.company.images import LEGACY_CMS, PRINT_GATEWAY, REDIS
from fleet.simulation.company.recipes import careless, compose
from fleet.simulation.plan import Engine
from fleet.simulation.releases import UBUNTU_2004, V24
from fleet.simulation.spec import DAY, GIB, Life, Mount, Port

_CMS = careless(
    "legacy-cms",
    LEGACY_CMS,
    life=Life(age=410 * DAY),
    network_mode="host",
    networks=("host",),
    pid_mode="host",
    privileged=True,
    cap_add=("SYS_ADMIN", "NET_ADMIN"),
    security_options=("seccomp=unconfined", "apparmor=unconfined"),
    environment=("DB_PASSWORD=simulated-and-worthless", "APP_ENV=production"),
    mounts=(
        Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"),
        Mount("bind", "/host/etc", "/etc"),
        Mount("bind", "/var/www/html", "/srv/cms"),
    ),
    size_rw=11 * GIB,
)
_PRINT = careless(
    "print-gateway",
    PRINT_GATEWAY,
    life=Life(age=410 * DAY),
    ports=(Port(631, 631),),
    devices=("/dev/usb/lp0",),
    restart="always",
    size_rw=90_000_000,
)
_CACHE = careless(
    "cms-cache",
    REDIS,
    life=Life(age=410 * DAY),
    labels=compose("cms", "cache"),
    ports=(Port(6379, 6379),),
    mounts=(Mount("volume", "/data"),),
)


def legacy_engine() -> Engine:
    return Engine(
        name="legacy-01",
        environment="production",
        team="content",
        release=V24,
        system=UBUNTU_2004,
        containers=(_CMS, _PRINT, _CACHE),
        live_restore=False,
        address="10.20.0.90",
        warnings=("WARNING: No swap limit support",),
    )
