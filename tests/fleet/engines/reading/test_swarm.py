from __future__ import annotations

import copy
from typing import Any

from fleet.engines.reading import swarm
from fleet.inventory import Mount, SwarmServiceFacts
from tests.fleet.engines.recordings import recorded

DOCKER = recorded("docker-20.10")


def service(**spec: Any) -> SwarmServiceFacts:
    entry = copy.deepcopy(DOCKER["/services"][0])
    entry["Spec"] |= spec
    facts = swarm.service(entry)
    assert facts is not None
    return facts


def test_a_service_is_read_in_full() -> None:
    api = service()
    assert (api.name, api.image_reference, api.mode, api.replicas) == ("api", "busybox:local", "replicated", 2)
    assert (api.running_tasks, api.desired_tasks) == (2, 2)
    assert (api.labels, api.container_labels) == ({"team": "shop"}, {"tier": "1"})
    assert api.published_ports == ("9000:80/tcp/ingress",)
    assert api.constraints == ("node.role==manager",)
    assert (api.memory_limit, api.nano_cpus_limit, api.memory_reservation) == (64 * 1024 * 1024, 500_000_000, 0)
    assert (api.update_failure_action, api.update_parallelism, api.update_order) == ("rollback", 1, "stop-first")
    assert (api.rollback_configured, api.max_replicas_per_node, api.spread_preferences) == (False, 0, ())
    assert api.mounts == (Mount("volume", "/data", "api", name="api", writable=True),)
    assert api.health_check_test == ""


def test_other_modes_are_named() -> None:
    assert service(Mode={"Global": {}}).mode == "global"
    job = service(Mode={"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 3}})
    assert (job.mode, job.replicas) == ("replicated-job", 3)
    assert service(Mode={"Other": {}}).mode is None


def test_a_service_without_placement_has_no_constraints() -> None:
    template = copy.deepcopy(DOCKER["/services"][0]["Spec"]["TaskTemplate"])
    del template["Placement"]["Constraints"]
    assert service(TaskTemplate=template).constraints == ()


def test_a_task_is_read_with_its_container_and_without_secrets_in_its_error() -> None:
    entry = copy.deepcopy(DOCKER["/tasks"][0])
    entry["Status"]["Err"] = "cannot pull with token=hunter2"
    facts = swarm.task(entry)
    assert facts is not None
    assert (facts.state, facts.desired_state, facts.slot) == ("running", "running", 1)
    assert facts.container_id == entry["Status"]["ContainerStatus"]["ContainerID"]
    assert "hunter2" not in (facts.error or "")


def test_nodes_are_manager_and_worker() -> None:
    nodes = [swarm.node(entry) for entry in DOCKER["/nodes"]]
    assert [(node.hostname, node.role, node.leader, node.reachability) for node in nodes if node] == [
        ("manager", "manager", True, "reachable"),
        ("worker", "worker", False, None),
    ]


def test_a_plugin_is_read_with_its_interfaces_in_either_form() -> None:
    old = swarm.plugin({"Name": "x", "Enabled": False, "Config": {"Interface": {"Types": ["docker.volumedriver/1.0"]}}})
    new = swarm.plugin({"Name": "x", "Config": {"Interface": {"Types": [{"Capability": "networkdriver"}]}}})
    assert old is not None
    assert new is not None
    assert (old.enabled, old.interfaces) == (False, ("docker.volumedriver/1.0",))
    assert (new.enabled, new.interfaces) == (None, ("networkdriver",))


def test_what_has_no_id_is_nothing() -> None:
    assert (swarm.service({}), swarm.task({}), swarm.node({}), swarm.plugin({})) == (None, None, None, None)
