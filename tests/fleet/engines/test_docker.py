from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.inventory import Snapshot
from fleet.transport import BadJson, HttpError, NotAnEngine, NotAvailable, Timeout, TransportError
from tests.fleet.engines.recordings import MARK, NOW, container, inspect_path, recorded, snapshot

DOCKER = recorded("docker-20.10")
PODMAN = recorded("podman-4.3.1")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def without(path: str, error: TransportError) -> dict[str, Any]:
    return DOCKER | {path: error}


def test_an_engine_is_one_snapshot() -> None:
    seen = snapshot(DOCKER)
    assert seen.taken_at == NOW
    assert seen.gaps == ()
    assert [facts.name for facts in seen.containers][1:] == ["bare", "failing", "oom", "web"]
    assert all(facts.inspected for facts in seen.containers)
    assert [len(part or ()) for part in (seen.images, seen.networks, seen.volumes, seen.plugins)] == [1, 4, 3, 0]
    assert [len(part or ()) for part in (seen.services, seen.tasks, seen.nodes)] == [1, 2, 2]


def test_podman_is_one_snapshot_without_plugins_or_swarm_and_without_gaps() -> None:
    seen = snapshot(PODMAN)
    assert seen.host.kind == "podman"
    assert {facts.name for facts in seen.containers} == {"web", "bare"}
    assert (seen.plugins, seen.services, seen.tasks, seen.nodes) == (None, None, None, None)
    assert seen.gaps == ()


@pytest.mark.parametrize("replies", [DOCKER, PODMAN])
def test_no_planted_secret_is_anywhere_in_a_snapshot(replies: dict[str, Any]) -> None:
    assert MARK in repr(replies)
    assert MARK not in repr(snapshot(replies))


@pytest.mark.parametrize("path", ["/version", "/info", "/containers/json"])
def test_without_the_least_there_is_no_snapshot(path: str) -> None:
    with pytest.raises(Timeout):
        snapshot(without(path, Timeout("too slow")))
    with pytest.raises(NotAnEngine):
        snapshot(DOCKER | {path: "hello"})


@pytest.mark.parametrize(
    ("path", "part"),
    [
        *(("/images/json", "images"), ("/networks", "networks"), ("/volumes", "volumes"), ("/plugins", "plugins")),
        *(("/services", "services"), ("/tasks", "tasks"), ("/nodes", "nodes")),
    ],
)
@pytest.mark.parametrize("error", [Timeout("too slow"), NotAvailable("no leader", status=503)])
def test_a_part_that_does_not_answer_is_none_and_a_gap(path: str, part: str, error: TransportError) -> None:
    seen = snapshot(without(path, error))
    assert getattr(seen, part) is None
    assert [(gap.endpoint, gap.reason) for gap in seen.gaps] == [(path, str(error))]
    assert len(seen.containers) == 5


def test_a_part_of_the_wrong_shape_is_none_and_a_gap() -> None:
    seen = snapshot(DOCKER | {"/networks": {"message": "no"}})
    assert seen.networks is None
    assert [gap.endpoint for gap in seen.gaps] == ["/networks"]


def test_a_worker_is_not_asked_about_the_swarm() -> None:
    info = copy.deepcopy(DOCKER["/info"])
    info["Swarm"]["ControlAvailable"] = False
    refused = NotAvailable("This node is not a swarm manager", status=503)
    seen = snapshot(DOCKER | {"/info": info, "/services": refused, "/tasks": refused, "/nodes": refused})
    assert (seen.services, seen.tasks, seen.nodes) == (None, None, None)
    assert seen.gaps == ()


def test_a_gap_does_not_repeat_a_secret_that_the_engine_quoted() -> None:
    seen = snapshot(without("/volumes", HttpError("plugin said: login with password=hunter2 failed", status=500)))
    assert "hunter2" not in repr(seen)
    assert [gap.endpoint for gap in seen.gaps] == ["/volumes"]


def test_a_container_that_vanished_is_left_out() -> None:
    replies = {path: reply for path, reply in DOCKER.items() if path != inspect_path(DOCKER, "web")}
    seen = snapshot(replies)
    assert [facts.name for facts in seen.containers][1:] == ["bare", "failing", "oom"]
    assert seen.gaps == ()


def test_a_container_that_cannot_be_inspected_keeps_what_the_list_said() -> None:
    seen = snapshot(without(inspect_path(DOCKER, "web"), BadJson("not JSON")))
    web = container(seen, "web")
    assert (web.inspected, web.state, web.health) == (False, "running", "healthy")
    assert (web.privileged, web.environment_names, web.secret_hints) == (None, None, None)
    assert [(gap.endpoint, gap.reason) for gap in seen.gaps] == [
        ("/containers/{id}/json", "1 of 5 containers could not be inspected: not JSON")
    ]


def test_the_same_replies_are_the_same_snapshot_whatever_their_order() -> None:
    shuffled = copy.deepcopy(DOCKER)
    shuffled["/containers/json"].reverse()
    web = shuffled[inspect_path(DOCKER, "web")]
    web["Mounts"].reverse()
    web["NetworkSettings"]["Ports"]["443/tcp"].reverse()
    assert snapshot(shuffled).containers == snapshot(DOCKER).containers


def paths_within(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every sub-value."""
    steps: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    if isinstance(value, list):
        steps = list(enumerate(value))
    return [path] + [deeper for step, inner in steps for deeper in paths_within(inner, (*path, step))]


@pytest.mark.parametrize("replies", [DOCKER, PODMAN], ids=["docker", "podman"])
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_in_any_place_never_raises_but_as_transport_error(
    replies: dict[str, Any], data: st.DataObject
) -> None:
    mutated = copy.deepcopy(replies)
    endpoint = data.draw(st.sampled_from(sorted(mutated)))
    path = data.draw(st.sampled_from(paths_within(mutated[endpoint])))
    place: Any = mutated
    for step in (endpoint, *path[:-1]) if path else ():
        place = place[step]
    place[path[-1] if path else endpoint] = data.draw(anything)
    try:
        seen = snapshot(mutated)
    except NotAnEngine:
        return
    assert_typed(seen)


def assert_typed(value: object) -> None:
    """Nothing of a reply's own kinds (lists, odd dictionaries) reached the facts."""
    if is_dataclass(value):
        for field in fields(value):
            assert_typed(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            assert_typed(item)
    elif isinstance(value, dict):
        assert all(isinstance(key, str) and isinstance(item, str) for key, item in value.items())
    else:
        assert not isinstance(value, list)
    if isinstance(value, Snapshot):
        assert isinstance(value.containers, tuple)
