"""Six production hosts in one swarm: mostly in order, with one mistake here and there."""

from __future__ import annotations

from typing import Any

from fleet.simulation.company.images import own
from fleet.simulation.company.recipes import careful, swarm_service
from fleet.simulation.company.stores import stores_on
from fleet.simulation.company.troubles import troubles_on
from fleet.simulation.plan import Engine, Node, Service, Swarm
from fleet.simulation.releases import UBUNTU_2404, V29, V29_EARLIER
from fleet.simulation.spec import DAY, MIB, Container, Mount, Network, Port, Volume
from fleet.simulation.swarming import place

HOSTS = tuple(f"prod-{number:02d}" for number in range(1, 7))
NODES = tuple(
    Node(host, f"10.20.0.{10 + number}", manager=number < 3, leader=number == 0)  # noqa: PLR2004
    for number, host in enumerate(HOSTS)
)
_ENCRYPTED = {"encrypted": ""}
NETWORKS = (
    Network("backplane", 1, driver="overlay", attachable=True, options=_ENCRYPTED),
    Network("frontdoor", 2, driver="overlay", options=_ENCRYPTED),
    Network("analytics", 3, driver="overlay", attachable=True),  # somebody forgot to encrypt this one
)
_NFS = {"type": "nfs", "o": "addr=nas.internal,nfsvers=4,hard", "device": ":/export/uploads"}
_TEAMS = {"prod-01": "platform", "prod-02": "platform", "prod-03": "platform"}


def swarm() -> Swarm:
    return place("harbour", nodes=NODES, services=_services(), networks=NETWORKS)


def _services() -> tuple[Service, ...]:
    both = ("frontdoor", "backplane")
    edge = own("platform", "edge-proxy", "3.9.0", port=8443)
    uploads = Mount("volume", "/srv/uploads", "uploads")
    return (
        swarm_service("edge-proxy", edge, team="platform", replicas=0, networks=both,
                      published=(Port(8443, 443), Port(8080, 80))),
        swarm_service("identity", own("platform", "identity", "5.2.1"), team="platform", replicas=3),
        swarm_service("checkout", own("payments", "checkout", "2.14.1"), team="payments", replicas=5, networks=both),
        swarm_service("invoicing", own("payments", "invoicing", "1.31.0"), team="payments", replicas=2),
        swarm_service("fraud-scoring", own("payments", "fraud-scoring", "0.9.4"), team="payments", replicas=2,
                      memory=2048 * MIB),
        swarm_service("search-api", own("discovery", "search-api", "7.0.2"), team="discovery", replicas=6),
        swarm_service("suggest", own("discovery", "suggest", "2.2.0"), team="discovery", replicas=3),
        swarm_service("catalogue", own("discovery", "catalogue", "4.8.3"), team="discovery", replicas=4),
        swarm_service("web-shop", own("content", "web-shop", "11.4.0"), team="content", replicas=6, networks=both),
        swarm_service("product-pages", own("content", "product-pages", "6.1.7"), team="content", replicas=4,
                      networks=both),
        swarm_service("image-resizer", own("media", "image-resizer", "1.7.5"), team="media", replicas=4),
        swarm_service("uploads", own("media", "uploads", "2.0.9"), team="media", replicas=3, mounts=(uploads,)),
        swarm_service("newsletter", own("growth", "newsletter", "3.3.3"), team="growth", replicas=3),
        swarm_service("ab-testing", own("growth", "ab-testing", "1.2.8"), team="growth", replicas=2),
        # The mistakes: a password in the environment, and the engine's socket handed to a log shipper.
        swarm_service("mailer", own("growth", "mailer", "1.0.3"), team="growth", replicas=2,
                      environment=("SMTP_HOST=smtp.internal", "SMTP_PASSWORD=simulated-and-worthless")),
        swarm_service("log-shipper", own("platform", "log-shipper", "0.8.1"), team="platform", replicas=0,
                      mounts=(Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock", writable=False),)),
    )  # fmt: skip


def production_engines() -> tuple[Engine, ...]:
    cluster = swarm()
    return tuple(_engine(host, number, cluster) for number, host in enumerate(HOSTS))


def _engine(host: str, number: int, cluster: Swarm) -> Engine:
    alone = (*stores_on(host), *troubles_on(host), *_agents(host))
    containers = (*cluster.on(host), *alone)
    volumes = [Volume("uploads", options=_NFS, labels={"backup.policy": "daily"})]
    volumes += [
        Volume(mount.source, labels={"backup.policy": "daily", "com.docker.compose.volume": mount.source})
        for container in alone
        for mount in container.mounts
        if mount.kind == "volume" and mount.source
    ]
    return Engine(
        name=host,
        environment="production",
        team=_TEAMS.get(host, "platform"),
        release=V29 if number % 2 == 0 else V29_EARLIER,
        system=UBUNTU_2404,
        containers=containers,
        volumes=tuple(volumes),
        networks=(Network("shop_default", 20), Network("reports_default", 21)),
        # The log shipper takes them along.
        labels=("env=production", "zone=" + "abc"[number % 3], "loadline.logs=collected"),
        log_driver="local",
        address=NODES[number].address,
        swarm=cluster,
    )


def _agents(host: str) -> tuple[Container, ...]:
    """A node exporter that keeps to its container is possible: it reads the host's figures over the network."""
    if host not in {"prod-01", "prod-04"}:
        return ()
    image = own("platform", "certificate-watch", "1.1.0", age=9 * DAY)
    network: dict[str, Any] = {"network_mode": "backplane", "networks": ("backplane",)}
    return (careful("certificate-watch", image, team="platform", **network),)
