"""Resilience rules about services and the swarm under them, on a really started swarm of two nodes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from docker.types import Resources, RollbackConfig, ServiceMode, UpdateConfig

from fleet.readiness.vocabulary import Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import judge_engine, judge_service, judge_snapshot
from tests.engines.looking import look

pytestmark = pytest.mark.engine


@pytest.fixture
def swarm(three_engines: ThreeEngines) -> Iterator[ThreeEngines]:
    yield three_engines
    three_engines.manager.remove_all()


def wait_for_tasks(engine: RealEngine, name: str, number: int, *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        tasks = engine.client.services.get(name).tasks()
        if sum(1 for task in tasks if task["Status"]["State"] == "running") >= number:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{name} has not {number} running tasks")


def test_a_careful_service_and_a_careless_one(swarm: ThreeEngines) -> None:
    create = swarm.manager.client.services.create
    create(
        BUSYBOX,
        command=list(FOREVER),
        name="careful",
        mode=ServiceMode("replicated", replicas=2),
        maxreplicas=1,
        resources=Resources(mem_reservation=8 * 1024 * 1024),
        update_config=UpdateConfig(parallelism=1, failure_action="rollback"),
        rollback_config=RollbackConfig(parallelism=1),
    )
    create(BUSYBOX, command=list(FOREVER), name="alone", constraints=["node.hostname==manager"])
    create(
        BUSYBOX,
        command=list(FOREVER),
        name="crowded",
        mode=ServiceMode("replicated", replicas=2),
        constraints=["node.role==manager"],
        update_config=UpdateConfig(parallelism=0, failure_action="continue"),
    )
    for name, number in (("careful", 2), ("alone", 1), ("crowded", 2)):
        wait_for_tasks(swarm.manager, name, number)
    seen = {"manager": look(swarm.manager), "worker": look(swarm.worker)}
    careful, alone, crowded = (judge_service(name, seen) for name in ("careful", "alone", "crowded"))
    for slug in ("single-replica", "replicas-on-one-host", "no-reservation", "unsafe-rollout", "tasks-missing"):
        assert careful[slug].status is Status.PASS, (slug, careful[slug])
    assert careful["pinned-to-one-node"].status is Status.PASS
    assert alone["single-replica"].status is Status.FAIL
    assert alone["pinned-to-one-node"].status is Status.FAIL
    assert alone["no-reservation"].status is Status.FAIL
    assert crowded["replicas-on-one-host"].status is Status.FAIL
    assert crowded["unsafe-rollout"].status is Status.FAIL


def test_tasks_that_cannot_start(swarm: ThreeEngines) -> None:
    swarm.manager.client.services.create(
        BUSYBOX, command=list(FOREVER), name="homeless", constraints=["node.labels.nowhere==1"]
    )
    deadline = time.monotonic() + 20
    while not swarm.manager.client.services.get("homeless").tasks() and time.monotonic() < deadline:
        time.sleep(0.2)
    seen = {"manager": look(swarm.manager)}
    later = datetime.now(UTC) + timedelta(minutes=10)
    assert judge_service("homeless", seen, later)["tasks-missing"].status is Status.FAIL
    assert judge_service("homeless", seen, datetime.now(UTC))["tasks-missing"].status is Status.PASS  # not for long yet


def test_managers_and_nodes(swarm: ThreeEngines) -> None:
    findings = judge_engine(swarm.manager)
    assert findings["manager-quorum", "manager"].status is Status.FAIL  # one manager of two nodes
    assert findings["node-not-ready", "manager"].status is Status.PASS
    assert judge_engine(swarm.worker)["manager-quorum", "worker"].status is Status.NOT_APPLICABLE
    assert judge_engine(swarm.secured)["manager-quorum", "secured"].status is Status.NOT_APPLICABLE
    node = next(one for one in swarm.manager.client.nodes.list() if one.attrs["Spec"]["Role"] == "worker")
    spec = node.attrs["Spec"]
    node.update({**spec, "Availability": "drain"})
    try:
        seen = look(swarm.manager)
        later = datetime.now(UTC) + timedelta(days=2)
        assert judge_snapshot(seen, later, host="manager")["node-not-ready", "manager"].status is Status.FAIL
        assert judge_snapshot(seen, host="manager")["node-not-ready", "manager"].status is Status.PASS
    finally:
        node.reload()
        node.update({**spec, "Availability": "active"})
