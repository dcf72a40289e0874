"""What swarm starts again on other nodes when some are lost, and what keeps it from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.inventory import Mount
from fleet.loss import Fate
from tests.fleet.loss.builders import (
    answer,
    in_a_swarm,
    losing,
    machine,
    node,
    nodes_as_machines,
    replica,
    swarm,
    swarm_service,
    tasks,
)


def volume(name: str = "data", driver: str | None = None) -> Mount:
    return Mount("volume", "/data", name, name, driver, writable=True)


def test_a_task_is_started_again_on_another_node() -> None:
    found = in_a_swarm(tasks("d"), losing("d"))
    assert found.fate is Fate.SURVIVES
    assert found.reasons == (
        "Everything of it starts again elsewhere.",
        "Swarm starts 1 of 1 lost replica again on a, b, c and e, within a minute or so.",
    )
    assert found.move is None


def test_without_a_majority_of_managers_nothing_is_started_again() -> None:
    found = in_a_swarm(tasks("d"), losing("d", "a", "b"))
    assert found.fate is Fate.DOWN
    assert found.reasons[1] == (
        "1 of 3 managers of its swarm would stay, no majority: what runs goes on, and swarm starts nothing again."
    )
    assert in_a_swarm(tasks("d", "e"), losing("d", "a", "b")).fate is Fate.DEGRADED


def test_a_manager_that_cannot_be_reached_is_lost_already() -> None:
    away = [node(name, reachability="unreachable") if name == "c" else node(name) for name in "abcde"]
    assert in_a_swarm(tasks("a"), losing("a"), *away).fate is Fate.DOWN
    assert in_a_swarm(tasks("d"), losing("d"), *away).fate is Fate.SURVIVES


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("node.hostname==d", Fate.DOWN),
        ("node.hostname == D", Fate.DOWN),
        ("node.id==node-d", Fate.DOWN),
        ("node.hostname!=e", Fate.SURVIVES),
        ("node.role==worker", Fate.SURVIVES),
        ("node.role==manager", Fate.SURVIVES),
        ("node.labels.disk==ssd", Fate.UNKNOWN),
        ("what is this", Fate.UNKNOWN),
    ],
)
def test_a_constraint_decides_which_nodes_are_left(constraint: str, expected: Fate) -> None:
    pinned = tasks("d", facts=swarm_service(constraints=(constraint,)))
    assert in_a_swarm(pinned, losing("d")).fate is expected


def test_nodes_that_take_nothing_are_no_help() -> None:
    drained = [node(name, availability="drain") if name != "d" else node(name) for name in "abcde"]
    found = in_a_swarm(tasks("d"), losing("d"), *drained)
    assert found.fate is Fate.DOWN
    assert "Swarm finds no other node for it." in found.reasons


def test_a_local_volume_pins_its_data_to_the_disk() -> None:
    found = in_a_swarm(tasks("d", facts=swarm_service(mounts=(volume(),))), losing("d"))
    assert found.fate is Fate.DOWN
    assert found.reasons[1].startswith("Swarm would start it on another node without its data: data lies on the disk")


def test_a_volume_that_other_hosts_reach_pins_nothing() -> None:
    served = tasks("d", facts=swarm_service(mounts=(volume("share"),)))
    machines = tuple(replace(one, keeps={"share": True}) for one in nodes_as_machines())
    found = answer(served, losing("d"), machines=machines, swarms=(swarm(),))
    assert found.fate is Fate.SURVIVES


def test_a_folder_of_the_host_pins_and_the_engines_socket_does_not() -> None:
    folder = Mount("bind", "/data", "/srv/data", writable=True)
    socket = Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock", writable=True)
    assert in_a_swarm(tasks("d", facts=swarm_service(mounts=(folder,))), losing("d")).fate is Fate.DOWN
    assert in_a_swarm(tasks("d", facts=swarm_service(mounts=(socket,))), losing("d")).fate is Fate.SURVIVES
    read = replace(folder, writable=False)
    assert in_a_swarm(tasks("d", facts=swarm_service(mounts=(read,))), losing("d")).fate is Fate.UNKNOWN


def test_a_plugins_volume_needs_the_plugin_on_the_other_nodes() -> None:
    found = in_a_swarm(tasks("d", facts=swarm_service(mounts=(volume("data", "pxd"),))), losing("d"))
    assert found.fate is Fate.UNKNOWN
    assert "Whether the other nodes have pxd was not looked at." in found.reasons


def test_a_limit_per_node_leaves_no_room() -> None:
    spread = tasks("a", "b", "c", "d", "e", facts=swarm_service(replicas=5, max_replicas_per_node=1))
    found = in_a_swarm(spread, losing("d"))
    assert found.fate is Fate.DEGRADED
    assert found.reasons[:2] == (
        "4 of 5 working replicas stay, on a, b, c and e.",
        "Swarm finds no room on a, b, c and e: no node may run another of its replicas.",
    )


def test_a_port_of_the_host_leaves_room_for_one() -> None:
    doors = swarm_service(replicas=2, published_ports=("80:8080/tcp/host",))
    only = [node(name) for name in "ade"]
    assert in_a_swarm(tasks("d", "e", facts=doors), losing("d"), *only).fate is Fate.SURVIVES
    assert in_a_swarm(tasks("a", "d", "e", facts=doors), losing("d"), *only).fate is Fate.DEGRADED


def test_a_global_service_is_not_started_elsewhere() -> None:
    every = swarm_service(mode="global", replicas=None)
    assert in_a_swarm(tasks("d", "e", facts=every), losing("d")).fate is Fate.DEGRADED
    assert in_a_swarm(tasks("d", facts=every), losing("d")).fate is Fate.DOWN


def test_what_shall_not_restart_is_not_started_again() -> None:
    assert in_a_swarm(tasks("d", facts=swarm_service(restart_condition="none")), losing("d")).fate is Fate.DOWN


def test_without_a_manager_nobody_can_tell() -> None:
    unmanaged = replace(tasks("d"), swarm=None, cluster=None)
    found = in_a_swarm(unmanaged, losing("d"))
    assert found.fate is Fate.UNKNOWN
    assert "No manager of its swarm is registered, so nobody can tell what swarm would do." in found.reasons


def test_a_lost_host_that_may_be_a_manager_leaves_a_doubt() -> None:
    machines = (*nodes_as_machines()[:4], machine("e", node_id=None))
    found = answer(tasks("d"), losing("d", "e"), machines=machines, swarms=(swarm(),))
    assert found.fate is Fate.UNKNOWN


def test_dead_tasks_take_no_room() -> None:
    facts = swarm_service(max_replicas_per_node=1)
    dead = replica("web.1.old", "a", state="exited", expected=False, node_id="node-a")
    case = tasks("d", facts=facts)
    found = in_a_swarm(replace(case, replicas=(*case.replicas, dead)), losing("d"), node("a"), node("d"))
    assert found.fate is Fate.SURVIVES


def test_a_limit_that_was_not_told_leaves_a_doubt() -> None:
    ill = replica("web.2.t", "a", health="unhealthy", node_id="node-a")
    for limit, expected in ((1, Fate.DOWN), (None, Fate.UNKNOWN), (0, Fate.SURVIVES)):
        crowded = tasks("d", facts=swarm_service(max_replicas_per_node=limit))
        crowded = replace(crowded, replicas=(*crowded.replicas, ill))
        assert in_a_swarm(crowded, losing("d"), node("a"), node("d")).fate is expected
