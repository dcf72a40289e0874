from __future__ import annotations

from collections import Counter
from typing import Any

from fleet.simulation.plan import Node, Service
from fleet.simulation.spec import Network, Port
from fleet.simulation.swarming import place
from tests.fleet.simulation.builders import container

NODES = tuple(Node(f"n{number}", f"10.0.0.{number}", manager=number == 0) for number in range(3))


def spread_over(replicas: int, **more: Any) -> Counter[str]:
    service = Service(name="web", template=container(networks=("mesh",)), replicas=replicas, **more)
    swarm = place("s", nodes=NODES, services=(service,), networks=(Network("mesh", 1, driver="overlay"),))
    return Counter(host for host, _ in swarm.placed)


def test_replicas_go_round_the_nodes() -> None:
    assert spread_over(4) == {"n0": 2, "n1": 1, "n2": 1}


def test_a_global_service_is_once_on_every_node() -> None:
    assert spread_over(0) == {"n0": 1, "n1": 1, "n2": 1}


def test_a_service_stays_on_the_host_it_is_pinned_to() -> None:
    assert spread_over(2, constraints=("node.hostname==n1",)) == {"n1": 2}


def test_a_task_is_labelled_and_published_ports_put_it_on_the_ingress_network() -> None:
    template = container(networks=("mesh",), labels={"a": "b"})
    service = Service(name="web", template=template, replicas=1, ports=(Port(80, 8080),))
    swarm = place("s", nodes=NODES, services=(service,), networks=())
    task = swarm.on("n0")[0]
    assert task.name.startswith("web.1.")
    assert task.networks == ("ingress", "mesh")
    assert task.labels["com.docker.swarm.service.name"] == "web"
    assert task.labels["a"] == "b"
