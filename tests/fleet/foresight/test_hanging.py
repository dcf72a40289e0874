"""What hangs on each host: the same function as for one question, on light rows, and where plugins are used."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.foresight.hanging import Losable, hanging, losable_of
from fleet.foresight.losses import Question, answer_of
from fleet.inventory import ContainerFacts, NodeFacts, SwarmFacts, TaskFacts
from fleet.loss import Fate
from tests.builders import NOW, container, host, network, snapshot, volume
from tests.fleet.loss.builders import swarm_service
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

NODES = tuple(
    NodeFacts(
        id=f"node-{name}",
        hostname=name,
        role="manager",
        availability="active",
        state="ready",
        reachability="reachable",
        leader=name == "a",
    )
    for name in "abc"
)


def task(service: str, number: int, **labels: str) -> ContainerFacts:
    told = {
        "com.docker.swarm.service.name": service,
        "com.docker.swarm.task.id": f"t{number}",
        "com.docker.swarm.task.name": f"{service}.1.t{number}",
    }
    return container(id=f"{number:064x}", name=f"{service}.1.t{number}", labels={**told, **labels})


def swarm_of_three() -> None:
    """`roaming` and `pinned` run on b, and `renamed` is another name for a task of `roaming-two`."""
    services = (
        swarm_service(name="roaming"),
        swarm_service(name="roaming-two"),
        swarm_service(name="pinned", constraints=("node.hostname==b",)),
    )
    on_b = (task("roaming", 1), task("pinned", 2), task("roaming-two", 3, **{"loadline.service": "renamed"}))
    for name in "abc":
        facts = host(
            engine_id=f"ID:{name}",
            swarm=SwarmFacts(state="active", node_id=f"node-{name}", control_available=True, cluster_id="cluster"),
        )
        more: dict[str, Any] = {"services": services, "nodes": NODES, "tasks": ()}
        more["tasks"] = tuple(TaskFacts(id=f"t{n}", node_id="node-b", container_id=f"{n:064x}") for n in (1, 2, 3))
        there = on_b if name == "b" else (container(id=f"{ord(name):064x}", name=f"plain-{name}"),)
        swept(host_row(name), seen=snapshot(*there, host=facts, **more))


def test_the_ranking_and_the_page_agree_about_a_swarm() -> None:
    swarm_of_three()
    rows, total = hanging(NOW)
    assert total == 3
    found = answer_of(Question(hosts=("b",)), Losable(), now=NOW).answer
    assert found is not None
    assert {one.case.name: one.fate for one in found.services} == {
        "pinned": Fate.DOWN,
        "roaming": Fate.SURVIVES,
        "renamed": Fate.SURVIVES,
    }
    b = next(row for row in rows if row.name == "b")
    assert (b.down, b.down_in_production, b.survives) == (1, 1, 2)


def test_two_managers_lost_are_a_majority_lost() -> None:
    swarm_of_three()
    found = answer_of(Question(hosts=("a", "b")), Losable(), now=NOW).answer
    assert found is not None
    fates = {one.case.name: one.fate for one in found.services}
    assert (fates["roaming"], fates["renamed"], fates["pinned"]) == (Fate.DOWN, Fate.DOWN, Fate.DOWN)
    assert "no majority" in found.notes[0]


def test_production_comes_first_and_then_what_goes_down() -> None:
    for name, environment, number in (("lab", "development", 3), ("prod", "production", 1), ("idle", "production", 0)):
        services = [
            container(id=f"{name}{n}".ljust(64, "0"), name=f"{name}-{n}", labels={"loadline.service": f"{name}-{n}"})
            for n in range(number)
        ]
        stopped = container(id=f"{name}x".ljust(64, "0"), name=f"{name}-x", state="exited", health=None)
        swept(host_row(name, environment=environment), *(services or [stopped]), volumes=(volume(name="books"),))
    rows, total = hanging(NOW)
    assert [(row.name, row.down, row.down_in_production, row.volumes) for row in rows] == [
        ("prod", 1, 1, 1),
        ("lab", 3, 0, 1),
        ("idle", 0, 0, 1),
    ]
    assert total == 3


def test_plugins_and_registries_are_known_by_where_they_are_used() -> None:
    machine = swept(
        host_row(),
        volumes=(volume(name="a", driver="pxd"), volume(name="b", driver="pxd"), volume(name="c")),
        networks=(network(), network(id="w" * 64, name="cloud", driver="weave")),
    )
    found = losable_of(
        {"nginx:1": 2, "docker.io/library/redis:7": 1, "registry.internal/web:1": 4, "sha256:" + "a" * 64: 1}
    )
    assert {name: (one.hosts, one.volumes, one.networks) for name, one in found.plugins.items()} == {
        "pxd": ((machine.pk,), 2, 0),
        "weave": ((machine.pk,), 0, 1),
    }
    assert found.registries["docker.io"].containers == 3
    assert set(found.registries["docker.io"].references) == {"nginx:1", "docker.io/library/redis:7"}
    assert Losable.from_plain(found.to_plain()) == found
