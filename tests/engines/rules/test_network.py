"""Each network rule on a really started engine: the violating state fails and its mended twin passes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest
from docker.models.services import Service
from docker.types import EndpointSpec

from fleet.readiness.vocabulary import Severity, Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import judge_engine

pytestmark = pytest.mark.engine


def test_host_network(engine: RealEngine) -> None:
    engine.client.networks.create("app")
    engine.run("bare", network_mode="host")
    engine.run("joined", network_mode="container:bare")
    engine.run("mended", network="app")
    findings = judge_engine(engine)
    assert findings["host-network", "bare"].status is Status.FAIL
    assert findings["host-network", "bare"].evidence == {"HostConfig.NetworkMode": "host"}
    assert findings["host-network", "joined"].status is Status.FAIL
    assert findings["host-network", "mended"].status is Status.PASS


def test_database_port_published(engine: RealEngine) -> None:
    engine.run("open", ports={"5432/tcp": 15432})
    engine.create("open-once-started", ports={"6379/tcp": 16379})
    engine.run("mended", ports={"5432/tcp": ("127.0.0.1", 15433)})
    engine.create("mended-and-stopped", ports={"6379/tcp": ("127.0.0.1", 16380)})
    engine.run("unpublished", ports={"8080/tcp": 18080})
    findings = judge_engine(engine)
    slug = "database-port-published"
    assert findings[slug, "open"].status is Status.FAIL
    assert findings[slug, "open"].severity is Severity.CRITICAL
    assert findings[slug, "open"].evidence == {"HostConfig.PortBindings": {"5432/tcp": "0.0.0.0:15432, [::]:15432"}}
    assert findings[slug, "open-once-started"].status is Status.FAIL
    for name in ("mended", "mended-and-stopped", "unpublished"):
        assert findings[slug, name].status is Status.PASS, name


def test_a_database_port_that_only_the_default_bridge_keeps_to_loopback(engines_possible: None) -> None:
    with RealEngine("inward", arguments=("--ip", "127.0.0.1")) as inward:
        inward.client.networks.create("app")
        inward.create("mended", ports={"5432/tcp": 15432})
        inward.create("open", ports={"5432/tcp": 15433}, network="app")
        findings = judge_engine(inward)
    assert findings["database-port-published", "mended"].status is Status.PASS
    assert findings["database-port-published", "open"].status is Status.FAIL


def test_a_datastore_on_the_host_network_cannot_be_told(engine: RealEngine) -> None:
    engine.docker("run", "-d", "--name", "store", "--network", "host", "--expose", "5432", BUSYBOX, *FOREVER)
    engine.run("web", network_mode="host")
    findings = judge_engine(engine)
    assert findings["database-port-published", "store"].status is Status.UNKNOWN
    assert findings["database-port-published", "web"].status is Status.PASS


@pytest.fixture
def published_by_swarm(three_engines: ThreeEngines) -> Iterator[dict[str, str]]:
    """Names of one task's container on the manager, by service."""
    services = {
        name: three_engines.manager.client.services.create(
            BUSYBOX,
            command=list(FOREVER),
            name=name,
            constraints=["node.role==manager"],
            endpoint_spec=EndpointSpec(ports={port: inside}),
        )
        for name, port, inside in (("open", 15432, 5432), ("mended", 18080, 8080))
    }
    yield {name: _task(three_engines.manager, service) for name, service in services.items()}
    for service in services.values():
        service.remove()


def _task(engine: RealEngine, service: Service) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for container in engine.client.containers.list(filters={"label": f"com.docker.swarm.service.id={service.id}"}):
            return str(container.name)
        time.sleep(0.2)
    raise TimeoutError(f"{service.name} started no task")


def test_a_database_port_published_by_swarm(three_engines: ThreeEngines, published_by_swarm: dict[str, str]) -> None:
    findings = judge_engine(three_engines.manager)
    outcome = findings["database-port-published", published_by_swarm["open"]]
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Endpoint.Ports": ["15432:5432/tcp/ingress"]}
    assert findings["database-port-published", published_by_swarm["mended"]].status is Status.PASS


def test_overlay_not_encrypted(three_engines: ThreeEngines) -> None:
    manager = three_engines.manager
    plain = manager.client.networks.create("plain", driver="overlay", attachable=True)
    encrypted = manager.client.networks.create("mended", driver="overlay", options={"encrypted": ""})
    task = three_engines.worker.run("task", network="plain")  # a worker knows the overlays it has tasks on
    try:
        findings, on_worker = judge_engine(manager), judge_engine(three_engines.worker)
    finally:
        task.remove(force=True)
        plain.remove()
        encrypted.remove()
    slug = "overlay-not-encrypted"
    assert findings[slug, "plain"].status is Status.FAIL
    assert findings[slug, "plain"].severity is Severity.HIGH
    assert (findings[slug, "ingress"].status, findings[slug, "ingress"].severity) == (Status.FAIL, Severity.LOW)
    assert on_worker[slug, "plain"].status is Status.FAIL
    assert findings[slug, "mended"].status is Status.PASS
    assert findings[slug, "docker_gwbridge"].status is Status.NOT_APPLICABLE


def test_an_overlay_of_a_swarm_of_one(engines_possible: None) -> None:
    with RealEngine("alone") as alone:
        alone.client.swarm.init(advertise_addr="127.0.0.1")
        alone.client.networks.create("plain", driver="overlay")
        findings = judge_engine(alone)
    finding = findings["overlay-not-encrypted", "plain"]
    assert (finding.status, finding.severity) == (Status.FAIL, Severity.LOW)


def test_host_firewall_weakened(engine: RealEngine) -> None:
    _forwarding(engine, "0")
    try:
        weakened = judge_engine(engine)["host-firewall-weakened", "engine"]
    finally:
        _forwarding(engine, "1")
    assert weakened.status is Status.FAIL
    assert weakened.evidence == {"Warnings": ["WARNING: IPv4 forwarding is disabled"]}
    assert judge_engine(engine)["host-firewall-weakened", "engine"].status is Status.PASS


def _forwarding(engine: RealEngine, value: str) -> None:
    """In the engine's own network namespace, so the machine's setting stays as it is."""
    assert engine._process is not None
    write = f"echo {value} > /proc/sys/net/ipv4/ip_forward"
    subprocess.run(["nsenter", f"--net=/proc/{engine._process.pid}/ns/net", "sh", "-c", write], check=True)
