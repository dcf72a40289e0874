"""Two staging hosts and one for tests: production's services once more, and those that may get there."""

from __future__ import annotations

from typing import Any

from fleet.simulation.company.images import PRESS_SITE, RABBITMQ, VALKEY, own
from fleet.simulation.company.recipes import careful, careless, compose, named
from fleet.simulation.plan import Engine
from fleet.simulation.releases import DEBIAN_13, UBUNTU_2404, V29, V29_EARLIER
from fleet.simulation.spec import DAY, Container, HealthCheck, Image, Life, Mount, Network, Port, Volume

_NETWORK: dict[str, Any] = {"network_mode": "staging_default", "networks": ("staging_default",)}
_COPIES = {
    "payments": (("checkout", "2.15.0"), ("invoicing", "1.32.0"), ("fraud-scoring", "0.9.5")),
    "discovery": (("search-api", "7.1.0"), ("suggest", "2.2.1"), ("catalogue", "4.9.0"), ("geo-lookup", "2.5.1")),
    "platform": (("edge-proxy", "3.10.0"), ("identity", "5.3.0")),
    "content": (("web-shop", "11.5.0"), ("product-pages", "6.2.0")),
    "media": (("image-resizer", "1.8.0"), ("uploads", "2.1.0"), ("video-transcoder", "4.1.0")),
    "growth": (("newsletter", "3.4.0"), ("ab-testing", "1.3.0"), ("mailer", "1.1.0")),
}
_COMING = (("payments", "returns"), ("growth", "loyalty"), ("content", "support-chat"), ("platform", "feature-flags"))
_SHARES = Volume("test-shares", driver="netshare")


def _copy(team: str, service: str, version: str, *, suffix: str = "", life: Life | None = None) -> Container:
    """As in production but for the pin: staging runs what the branch built last."""
    image = own(team, service, version, age=3 * DAY)
    return careful(f"staging-{service}{suffix}", image, team=team, service=service, reference=image.reference,
                   labels=compose("staging", service), life=life or Life(age=3 * DAY), **_NETWORK)  # fmt: skip


def _copies(*teams: str) -> tuple[Container, ...]:
    return tuple(_copy(team, service, version) for team in teams for service, version in _COPIES[team])


def _store(service: str, image: Image, path: str, team: str) -> Container:
    mounts = (Mount("volume", path, f"staging-{service}"),)
    return careful(f"staging-{service}", image, team=team, service=service, mounts=mounts, read_only=False,
                   labels=compose("staging", service), **_NETWORK)  # fmt: skip


def staging_engines() -> tuple[Engine, ...]:
    return (_first(), _second(), _test())


def _first() -> Engine:
    stores = (_store("message-bus", RABBITMQ, "/var/lib/rabbitmq", "platform"),
              _store("session-cache", VALKEY, "/data", "platform"))  # fmt: skip
    # Falls ill for a minute in every five, so that something on the pages moves.
    tracking = _copy("discovery", "live-tracking", "0.3.0", life=Life(age=1 * DAY, flap=300))
    containers = (*_copies("payments", "discovery", "platform"), *stores, tracking)
    return Engine(name="staging-01", environment="staging", team="platform", release=V29, system=UBUNTU_2404,
                  containers=containers, networks=(Network("staging_default", 20),), address="10.21.0.11",
                  labels=("env=staging",))  # fmt: skip


def _second() -> Engine:
    coming = tuple(_copy(team, service, "0.1.0") for team, service in _COMING)
    press = careless("press-preview", PRESS_SITE, labels=named("press-site", "content"), **_NETWORK)
    return Engine(name="staging-02", environment="staging", team="platform", release=V29_EARLIER, system=UBUNTU_2404,
                  containers=(*_copies("content", "media", "growth"), *coming, press), address="10.21.0.12",
                  networks=(Network("staging_default", 20),), labels=("env=staging",),
                  insecure_registries=("registry-old.internal:5000",))  # fmt: skip


def _test() -> Engine:
    """Its network shares come from a plugin that has died."""
    gone = (
        'list netshare: Post "http://%2Frun%2Fdocker%2Fplugins%2Fnetshare.sock/VolumeDriver.List": dial unix '
        "/run/docker/plugins/netshare.sock: connect: no such file or directory"
    )
    wanted = ("payments", "discovery", "content")
    containers = tuple(
        careless(
            f"test-{service}",
            own(team, service, version),
            labels=named(service, team),
            restart="unless-stopped",
            network_mode="bridge",
        )
        for team in wanted
        for service, version in _COPIES[team]
    )  # fmt: skip
    load = own("platform", "load-generator", "1.0.0")
    prices = own("payments", "pricing-v2", "0.0.7")
    own_work = (
        careless("load-generator", load, mounts=(Mount("volume", "/results", "test-shares"),)),
        careless("pricing-v2-1", prices, labels=compose("pricing-v2", "pricing-v2"), ports=(Port(8080, 18080),)),
        careless("pricing-v2-2", prices, labels=compose("pricing-v2", "pricing-v2", number=2), health_check=_never()),
    )
    return Engine(name="test-01", environment="test", team="platform", release=V29, system=DEBIAN_13,
                  containers=(*containers, *own_work), volumes=(_SHARES,), volume_warnings=(gone,),
                  volume_drivers=("local", "netshare"), address="10.22.0.11", labels=("env=test",))  # fmt: skip


def _never() -> HealthCheck:
    return HealthCheck(("NONE",), interval=0, timeout=0, retries=0)
