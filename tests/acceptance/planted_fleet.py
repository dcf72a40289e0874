"""Four real engines and one that is gone, with services of which every answer is known before anybody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from docker.types import Mount

from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.volume_plugin import VolumePlugin

#: Hosts by name: their environment and the team whose they are. Nothing answers where the last one ought to be.
NORTH, SOUTH, STAGE, LAB, GONE = "north", "south", "stage", "lab", "gone"
HOSTS: Final[Mapping[str, tuple[str, str]]] = {
    NORTH: ("production", "shop"),
    SOUTH: ("production", "research"),
    STAGE: ("staging", "research"),
    LAB: ("development", "research"),
    GONE: ("production", "research"),
}
AGENT: Final = "prom/node-exporter:v1.8.2"  # of the published list of infrastructure
STARTS: Final = 4  # containers at a time


@dataclass(frozen=True, kw_only=True)
class One:
    """One container of the service, with what the docker SDK starts it with. `ends` is one that has done its work."""

    service: str
    host: str
    team: str = "shop"
    image: str = BUSYBOX
    ends: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.service}-{self.host}"


def _volume(name: str) -> dict[str, Any]:
    return {"mounts": [Mount("/data", name, type="volume")]}


RUN: Final = (
    # Two of it behind the same door, one on each host of production, and on the network of the ledger on one.
    One(service="web", host=NORTH, options={"ports": {"80/tcp": 8080}, "network": "back"}),
    One(service="web", host=SOUTH, options={"ports": {"80/tcp": 8080}, "network": "front"}),
    One(service="ledger", host=NORTH, options={"network": "back", **_volume("books")}),  # on one disk
    One(service="letters", host=SOUTH, options={"network": "front", **_volume("letters")}),  # behind flocker
    One(service="parcels", host=SOUTH, options=_volume("parcels")),  # behind pxd, three times
    One(service="archive", host=SOUTH, options=_volume("archive")),  # behind a plugin that died
    One(service="watcher", host=NORTH, team="", image=AGENT),
    One(service="cart", host=STAGE),
    One(service="cart", host=LAB),
    One(service="returns", host=STAGE, options={"ports": {"80/tcp": ("127.0.0.1", 9000)}, "network": "alone"}),
    One(service="toy", host=LAB, team="research", options={"network_mode": "host"}),
    One(service="nightly", host=LAB, team="research", ends=True),
)
SIDECAR: Final = One(service="sidecar", host=NORTH, options={"network_mode": "container:ledger-north"})
#: Networks of a host, apart from docker's own.
NETWORKS: Final[Mapping[str, str]] = {"back": NORTH, "front": SOUTH, "alone": STAGE}
#: Volumes by name: host, driver, options.
VOLUMES: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "books": (NORTH, "local", {}),
    "letters": (SOUTH, "flocker", {}),
    "parcels": (SOUTH, "pxd", {"repl": "3"}),
    "archive": (SOUTH, "convoy", {}),
}
#: Services that people entered, with or without containers to come: their team, and days ago.
ENTERED: Final[Mapping[str, tuple[str, int]]] = {
    "mainframe": ("books", 9),
    "letters": ("shop", 4),
    "parcels": ("shop", 2),
}
#: Engines with a volume plugin; the last one dies before anybody asks.
PLUGINS: Final = ((NORTH, "flocker"), (SOUTH, "flocker"), (SOUTH, "pxd"), (SOUTH, "convoy"))


@contextmanager
def planted() -> Iterator[Mapping[str, str]]:
    """Addresses of the engines by name."""
    with ExitStack() as stack:
        engines = {name: RealEngine(name) for name in HOSTS if name != GONE}
        for engine in engines.values():
            stack.callback(engine.stop)
            engine.launch()
        with ThreadPoolExecutor(len(engines)) as each:
            list(each.map(_ready, engines.values()))
        plugins = [stack.enter_context(VolumePlugin(engines[host], name)) for host, name in PLUGINS]
        engines[NORTH].client.images.get(BUSYBOX).tag(AGENT)
        for name, host in NETWORKS.items():
            engines[host].client.networks.create(name)
        for name, (host, driver, options) in VOLUMES.items():
            engines[host].client.volumes.create(name, driver=driver, driver_opts=dict(options))
        # An engine tells of a plugin from its first use on: the other host of the letters has used its own as well.
        engines[NORTH].client.volumes.create("spare", driver="flocker").remove()
        with ThreadPoolExecutor(STARTS) as pool:
            list(pool.map(lambda one: _start(engines[one.host], one), RUN))
        _start(engines[NORTH], SIDECAR)
        plugins[-1].die()
        yield {**{name: engine.url for name, engine in engines.items()}, GONE: "unix:///nowhere/docker.sock"}


def _ready(engine: RealEngine) -> None:
    engine.wait_ready().import_image()


def _start(engine: RealEngine, one: One) -> None:
    labels = {"loadline.service": one.service, **({"loadline.team": one.team} if one.team else {})}
    restart = {"Name": "no" if one.ends else "always"}
    options = {"labels": labels, "restart_policy": restart, **one.options}
    if one.ends:
        engine.wait_for("exited", engine.run(one.name, command=("true",), **options))
    else:
        engine.run(one.name, image=one.image, **options)
