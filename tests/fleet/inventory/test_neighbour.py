"""What is kept of a container for the judging of others is what its facts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory import ContainerFacts, KeptNeighbour, Neighbour, NetworkAttachment
from fleet.inventory.neighbour import ENVIRONMENT_LABELS, TASK_LABEL, TASK_NAME_LABEL
from fleet.inventory.plain import from_plain
from fleet.readiness.assess import judge
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Stage
from tests.builders import NOW, around, container, network, volume_mount

FACTS = replace(
    container(),
    state="exited",
    error="failed to create endpoint",
    exit_code=3,
    finished_at=NOW - timedelta(minutes=1),
    auto_remove=True,
    memory=7,
    runtime="crun",
    network_mode="container:proxy",
    pid_mode="host",
    ipc_mode="shareable",
    networks=(NetworkAttachment("app", "a" * 64), NetworkAttachment("other")),
    mounts=(volume_mount("data"), replace(volume_mount("x"), name=None)),
    labels={"env": "staging", TASK_NAME_LABEL: "web.1.x", TASK_LABEL: "t", "com.example.token": "kept by nobody"},
)


def told(one: Neighbour) -> list[object]:
    """Everything that the protocol has."""
    names = [name for name in vars(Neighbour) if not name.startswith("_") and name not in {"networks", "label"}]
    networks = None if one.networks is None else [(each.name, each.network_id) for each in one.networks]
    labels = [one.label(name) for name in (*ENVIRONMENT_LABELS, TASK_NAME_LABEL, TASK_LABEL)]
    return [networks, labels, one.label("environment", "env"), *((name, getattr(one, name)) for name in names)]


@pytest.mark.parametrize("facts", [FACTS, container(), ContainerFacts(id="b" * 64, name="bare", inspected=False)])
def test_it_says_what_the_facts_say_and_comes_back_as_it_was_stored(facts: ContainerFacts) -> None:
    kept = KeptNeighbour.of(facts)
    assert told(kept) == told(facts)
    assert from_plain(KeptNeighbour, kept.to_plain()) == kept
    assert kept.auto_remove is facts.auto_remove


def test_what_is_not_kept_is_no_answer() -> None:
    with pytest.raises(LookupError, match="only"):
        KeptNeighbour.of(FACTS).label("com.example.token")


@pytest.mark.parametrize(
    ("changes", "leans"),
    [
        ({}, False),
        ({"network_mode": "container:proxy"}, True),
        ({"pid_mode": "container:proxy"}, True),
        ({"ipc_mode": "container:proxy"}, True),
        ({"ipc_mode": "host"}, False),
        ({"labels": {TASK_LABEL: "t"}}, True),
    ],
)
def test_only_some_lean_on_others(changes: dict[str, object], leans: bool) -> None:
    assert KeptNeighbour.of(container(**changes)).leans_on_others is leans


class Watched:
    """A neighbour that notes what is read of it."""

    def __init__(self, real: Neighbour, read: set[str]) -> None:
        self._real, self._read = real, read

    def __getattr__(self, name: str) -> object:
        self._read.add(name)
        return getattr(self._real, name)


def test_rules_about_the_host_read_no_more_of_containers_than_its_digest_has() -> None:
    read: set[str] = set()
    bridge = network(name="bridge", options={"com.docker.network.bridge.default_bridge": "true"})
    on_bridge = (NetworkAttachment("bridge", bridge.id),)
    there = [KeptNeighbour.of(container(id=f"{n}" * 64, name=f"web-{n}", networks=on_bridge)) for n in range(3)]
    told = [*there, KeptNeighbour.of(FACTS), KeptNeighbour.of(container(memory=None, runtime=None))]
    for seen in (told, there):
        watched: Any = tuple(Watched(one, read) for one in seen)
        judge(
            HostSubject(
                around=around(
                    containers=watched, networks=(bridge,), stage=Stage.PRODUCTION, environment_declared=False
                )
            )
        )
    assert {"name", "running", "networks", "memory", "runtime", "volume_names", "label"} <= read
    assert read <= {"name", "state", "running", "memory", "runtime", "networks", "volume_names", "label"}
