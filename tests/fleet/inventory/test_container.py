from __future__ import annotations

import pytest

from fleet.inventory import HealthCheck
from tests.builders import container


def test_whether_there_is_a_health_check_is_unknown_from_the_list_alone() -> None:
    assert container(inspected=False, health_check=None).has_health_check is None


@pytest.mark.parametrize("check", [None, HealthCheck(""), HealthCheck("NONE")])
def test_an_empty_or_disabled_test_is_no_health_check(check: HealthCheck | None) -> None:
    assert container(health_check=check, health="healthy").has_health_check is False


@pytest.mark.parametrize("kind", ["CMD", "CMD-SHELL"])
def test_a_command_is_a_health_check(kind: str) -> None:
    assert container(health_check=HealthCheck(kind)).has_health_check is True


@pytest.mark.parametrize(
    ("labels", "task"),
    [(None, None), ({"com.docker.swarm.task.id": ""}, None), ({"com.docker.swarm.task.id": "t1"}, "t1")],
)
def test_the_label_tells_the_swarm_task(labels: dict[str, str] | None, task: str | None) -> None:
    assert container(labels=labels).swarm_task == task


@pytest.mark.parametrize(
    ("state", "running"),
    [("running", True), ("paused", True), ("restarting", True), ("created", False), ("exited", False), (None, False)],
)
def test_a_paused_and_a_restarting_container_count_as_running(state: str | None, running: bool) -> None:
    assert container(state=state).running is running


def test_an_empty_label_is_passed_over() -> None:
    facts = container(labels={"a": "", "b": "second"})
    assert facts.label("missing", "a", "b") == "second"
    assert facts.label("missing", "a") is None
