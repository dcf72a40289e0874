from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest

from fleet.inventory import (
    ContainerFacts,
    HealthCheck,
    Mount,
    NetworkAttachment,
    PublishedPort,
    RestartPolicy,
    SwarmServiceFacts,
)
from fleet.readiness.findings import Outcome
from fleet.readiness.rules.adoption import replicas_differ
from fleet.readiness.rules.adoption.replicas_differ import ReplicasDiffer
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, bind_mount, container, member, service_subject, volume_mount

RULE = ReplicasDiffer()
SAID = {"loadline.service": "web"}
DIGEST = "sha256:" + "e" * 64


def judged(changes: dict[str, Any], *, first: dict[str, Any] | None = None, **service: Any) -> Outcome:
    """Of two replicas of which the second, or both, are not as usual."""
    one = member(**{"id": "1", "name": "a", "labels": SAID} | (first or {}))
    other = member(**{"id": "2", "name": "b", "labels": SAID, "host": "prod-02"} | changes)
    return RULE.judge(service_subject(one, other, **service))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"image_reference": "registry.internal/web:1.5"}, "Config.Image"),
        ({"image_reference": f"registry.internal/web:1.4@{DIGEST}"}, "Config.Image"),
        ({"user": "0"}, "Config.User"),
        ({"environment_names": ("DEBUG", "PATH")}, "Config.Env"),
        ({"health_check": HealthCheck("CMD", interval=5.0)}, "Config.Healthcheck"),
        ({"health_check": None}, "Config.Healthcheck"),
        ({"command_program": "/other"}, "Path"),
        ({"memory": 1 << 20}, "HostConfig.Memory"),
        ({"nano_cpus": 1}, "HostConfig.NanoCpus"),
        ({"pids_limit": -1}, "HostConfig.PidsLimit"),
        ({"privileged": True}, "HostConfig.Privileged"),
        ({"readonly_root": False}, "HostConfig.ReadonlyRootfs"),
        ({"cap_add": ("SYS_TIME",)}, "HostConfig.CapAdd"),
        ({"cap_drop": ()}, "HostConfig.CapDrop"),
        ({"security_options": ()}, "HostConfig.SecurityOpt"),
        ({"restart_policy": RestartPolicy("always")}, "HostConfig.RestartPolicy"),
        ({"network_mode": "host"}, "HostConfig.NetworkMode"),
        ({"pid_mode": "host"}, "HostConfig.PidMode"),
        ({"ports": (PublishedPort(8080, "tcp", "0.0.0.0", 80),)}, "HostConfig.PortBindings"),
        ({"tmpfs": ("/tmp",)}, "HostConfig.Tmpfs"),
        ({"mounts": (volume_mount(),)}, "Mounts"),
        ({"labels": SAID | {"com.docker.compose.config-hash": "b" * 64}}, "com.docker.compose.config-hash"),
    ],
)
def test_another_setting_fails_and_is_named(changes: dict[str, Any], name: str) -> None:
    labels = SAID | {"com.docker.compose.config-hash": "a" * 64}
    outcome = judged({"labels": labels} | changes, first={"labels": labels})
    assert outcome.status is Status.FAIL
    assert outcome.evidence["differing"] == [name]
    assert sorted(outcome.evidence["HostConfig"].values()) == [["a on prod-01"], ["b on prod-02"]]


def test_what_docker_update_did_fails_although_the_hash_of_compose_is_one() -> None:
    labels = {
        "com.docker.compose.project": "shop",
        "com.docker.compose.service": "web",
        "com.docker.compose.config-hash": "a",
    }
    assert judged({"labels": labels, "memory": 1}, first={"labels": labels}).status is Status.FAIL


def test_the_evidence_is_the_same_whatever_the_order() -> None:
    members = [member(id=str(n), name=str(n), labels=SAID, memory=n % 2, host=f"h{n}") for n in range(4)]
    forward, back = RULE.judge(service_subject(*members)), RULE.judge(service_subject(*members[::-1]))
    assert forward == back
    assert sorted(forward.evidence["HostConfig"].values()) == [["0 on h0", "2 on h2"], ["1 on h1", "3 on h3"]]


def test_one_that_is_restarted_again_and_again_is_no_rollout() -> None:
    looping = {"memory": 1, "started_at": NOW - timedelta(seconds=9), "restart_count": 7, "state": "restarting"}
    assert judged(looping).status is Status.FAIL


def test_one_replica_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member(labels=SAID))).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "exited"},
        {"fresh": False},
        {"labels": SAID | {"com.docker.compose.oneoff": "True"}},
        {"labels": {}},  # then the name of the image is all that puts it here
        {"image_reference": "registry.internal/sidecar:1.4"},
        {"environment": "production-us"},
        {"engine": "podman"},
    ],
)
def test_what_is_no_replica_of_today_is_not_compared(changes: dict[str, Any]) -> None:
    assert judged({"memory": 1} | changes).status is Status.NOT_APPLICABLE


def test_containers_that_only_share_an_image_are_no_replicas() -> None:
    assert judged({"labels": {}, "memory": 1}, first={"labels": {}}).status is Status.NOT_APPLICABLE


def test_a_rollout_is_not_applicable() -> None:
    assert judged({"memory": 1, "started_at": NOW - timedelta(minutes=29)}).status is Status.NOT_APPLICABLE
    assert judged({"memory": 1, "started_at": NOW - timedelta(minutes=31)}).status is Status.FAIL


@pytest.mark.parametrize(
    ("state", "status"),
    [("updating", Status.NOT_APPLICABLE), ("rollback_started", Status.NOT_APPLICABLE), ("paused", Status.FAIL)],
)
def test_an_update_of_swarm_is_waited_for_until_it_is_stuck(state: str, status: Status) -> None:
    swarm = SwarmServiceFacts(id="s", name="web", update_state=state)
    assert judged({"memory": 1}, swarm=swarm).status is status


def test_one_that_was_not_inspected_is_unknown() -> None:
    assert judged({"inspected": False}).status is Status.UNKNOWN


def test_replicas_alike_pass() -> None:
    assert judged({}).status is Status.PASS


@pytest.mark.parametrize(
    ("first", "changes"),
    [
        ({"restart_policy": RestartPolicy("")}, {"restart_policy": RestartPolicy("no")}),
        ({"network_mode": "default"}, {"network_mode": "bridge"}),
        ({"network_mode": "container:" + "a" * 64}, {"network_mode": "container:" + "b" * 64}),
        ({"pids_limit": 0}, {"pids_limit": -1}),
        ({"cap_add": ("A", "B")}, {"cap_add": ("B", "A")}),
        ({"user": None}, {}),
        ({"ports": None}, {"ports": (PublishedPort(80, "tcp", "0.0.0.0", 80),)}),
        (
            {"ports": (PublishedPort(80, "tcp", "0.0.0.0", 8001), PublishedPort(80, "tcp", "::", 8001))},
            {"ports": (PublishedPort(80, "tcp", "10.0.0.2", 8002),)},
        ),
        ({"mounts": (bind_mount("/srv/a"),)}, {"mounts": (bind_mount("/srv/b"),)}),
        ({"log_driver": "json-file"}, {"log_driver": "local"}),
        ({"networks": ()}, {"networks": (NetworkAttachment("app", "m" * 64),)}),
        ({"image_id": "sha256:1"}, {"image_id": "sha256:2"}),
    ],
)
def test_what_an_engine_or_a_host_fills_in_by_itself_passes(first: dict[str, Any], changes: dict[str, Any]) -> None:
    assert judged(changes, first=first).status is Status.PASS


def test_the_parts_of_a_service_are_compared_each_for_itself() -> None:
    side = replace(container(), image_reference="registry.internal/side:2", labels=SAID, mounts=(Mount("bind", "/x"),))
    alike = [member(labels=SAID, id=str(n)) for n in range(2)] + [member(side, id=str(n)) for n in range(2, 4)]
    assert RULE.judge(service_subject(*alike)).status is Status.PASS
    odd = RULE.judge(service_subject(*alike, member(side, id="9", name="odd", user="0")))
    assert odd.evidence["differing"] == ["Config.User"]


class Read:
    """Facts that note which of them were read, by their properties and methods, too."""

    def __init__(self, facts: ContainerFacts) -> None:
        self._facts, self.names = facts, set[str]()

    def __getattr__(self, name: str) -> Any:
        told = getattr(ContainerFacts, name, None)
        if isinstance(told, property):
            assert told.fget is not None
            return told.fget(self)
        if inspect.isfunction(told):
            return partial(told, self)
        self.names.add(name)
        return getattr(self._facts, name)


def test_what_is_the_same_to_the_letter_is_so_in_all_that_is_compared() -> None:
    compared, letters = Read(container()), Read(container())
    replicas_differ._settings(cast("ContainerFacts", compared))
    replicas_differ._as_told(cast("ContainerFacts", letters))
    assert {"memory", "labels", "health_check"} <= compared.names <= letters.names
