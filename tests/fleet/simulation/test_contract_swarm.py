"""A simulated swarm manager answers key for key as a real one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from fleet.simulation.plan import Engine, Node, Service, SimulatedFleet
from fleet.simulation.releases import DEBIAN_12, V20_DEBIAN
from fleet.simulation.serving import running
from fleet.simulation.spec import MIB, Container, HealthCheck, Image, Life, Mount, Network, Port
from fleet.simulation.swarming import place
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.fleet.simulation.shapes import differences

pytestmark = pytest.mark.engine

Ask = Callable[[str], Any]
PLAIN = Image(BUSYBOX, environment=("PATH=/bin",), command=(), comment="Imported from -")
WEB = Service(
    name="web",
    template=Container(
        name="web",
        image=PLAIN,
        life=Life(age=2),
        command=("sleep", "10000"),
        labels={"loadline.service": "shop"},
        environment=("A=b",),
        user="1000",
        health_check=HealthCheck(("CMD-SHELL", "true"), interval=0, timeout=0, retries=0),
        mounts=(Mount("volume", "/d", "data"),),
        networks=("mesh",),
        memory=64 * MIB,
        memory_reservation=32 * MIB,
        nano_cpus=200_000_000,
        pids_limit=100,
        cap_drop=("ALL",),
        read_only=True,
    ),
    replicas=2,
    ports=(Port(80, 8088),),
    labels={"x": "y"},
    constraints=("node.role==manager",),
)
EVERYWHERE = Service(
    name="agent",
    template=Container(name="agent", image=PLAIN, command=("sleep", "10000"), networks=("secure",)),
    replicas=0,
)
NETWORKS = (Network("mesh", 1, driver="overlay"), Network("secure", 2, driver="overlay", options={"encrypted": ""}))
NODES = (Node("contract", "127.0.0.1", manager=True, leader=True),)


def _engine() -> Engine:
    swarm = place("contract", nodes=NODES, services=(WEB, EVERYWHERE), networks=NETWORKS)
    return Engine(
        name="contract",
        environment="test",
        team="",
        release=V20_DEBIAN,
        system=DEBIAN_12,
        containers=swarm.on("contract"),
        images=(PLAIN,),
        live_restore=False,
        swarm=swarm,
    )


@pytest.fixture(scope="module")
def both(engines_possible: None) -> Iterator[tuple[Ask, Ask]]:
    with RealEngine("contract") as real, running(SimulatedFleet((_engine(),))) as hosts:
        _fill(real)
        api, base = real.client.api, hosts[0].url.replace("tcp://", "http://")
        yield lambda path: api.get(api.base_url + path).json(), lambda path: requests.get(base + path, timeout=9).json()


def _fill(real: RealEngine) -> None:
    real.import_image()
    real.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--autolock")
    real.docker("network", "create", "-d", "overlay", "mesh")
    real.docker("network", "create", "-d", "overlay", "--opt", "encrypted", "secure")
    rollout = "--{0}-parallelism 1 --{0}-failure-action rollback --{0}-order start-first"
    web = (
        "--name web --replicas 2 --network mesh --limit-memory 64m --limit-cpu .2 --reserve-memory 32m "
        "--limit-pids 100 --cap-drop ALL --read-only --restart-condition any --mount type=volume,src=data,dst=/d "
        "-p 8088:80 --label x=y --container-label loadline.service=shop -e A=b --user 1000 --health-cmd true "
        "--constraint node.role==manager --no-resolve-image "
        f"{rollout.format('update')} {rollout.format('rollback').replace('action rollback', 'action pause')}"
    )
    real.docker("service", "create", "-d", *web.split(), BUSYBOX, "sleep", "10000")
    agent = "--name agent --mode global --network secure --restart-condition any --no-resolve-image"
    real.docker("service", "create", "-d", *agent.split(), BUSYBOX, "sleep", "10000")
    deadline = time.monotonic() + 60
    while len(real.client.containers.list()) < 3:
        if time.monotonic() > deadline:
            raise TimeoutError(real.docker("service", "ps", "web", "agent", check=False))
        time.sleep(0.2)
    time.sleep(1)


@pytest.mark.parametrize(
    "path", ["/info", "/nodes", "/services", "/services?status=true", "/tasks", "/networks", "/volumes"]
)
def test_a_manager_answers_with_the_keys_and_types_of_a_real_one(both: tuple[Ask, Ask], path: str) -> None:
    real, simulated = both
    assert differences(real(path), simulated(path)) == []


@pytest.mark.parametrize("service", ["web", "agent"])
def test_a_task_s_container_has_the_keys_and_types_of_a_real_one(both: tuple[Ask, Ask], service: str) -> None:
    entries = [_first(ask, service) for ask in both]
    assert differences(*entries) == []
    real, simulated = (ask(f"/containers/{entry['Id']}/json") for ask, entry in zip(both, entries, strict=True))
    assert differences(real, simulated) == []
    for reply in (real, simulated):
        reply["HostConfig"].pop("CgroupParent")
    assert simulated["HostConfig"] == real["HostConfig"]
    assert set(simulated["Config"]["Labels"]) == set(real["Config"]["Labels"])


def _first(ask: Ask, service: str) -> Any:
    entries = ask("/containers/json")
    return next(e for e in entries if e["Labels"]["com.docker.swarm.service.name"] == service)


@pytest.mark.parametrize("network", ["mesh", "secure", "docker_gwbridge"])
def test_an_overlay_has_the_keys_and_types_of_a_real_one(both: tuple[Ask, Ask], network: str) -> None:
    real, simulated = (_without_members(ask(f"/networks/{network}")) for ask in both)
    assert differences(real, simulated) == []


def _without_members(network: Any) -> Any:
    """The engine's own endpoints (lb-mesh, ingress-sbox) are members too; nothing reads who they are."""
    return network | {"Containers": {}}
