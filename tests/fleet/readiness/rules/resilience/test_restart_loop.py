from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory import ContainerFacts, TaskFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.restart_loop import RestartLoop
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, around, container, container_subject

RULE = RestartLoop()
RECENT = NOW - timedelta(minutes=3)
OLD = NOW - timedelta(minutes=11)
TASK = "com.docker.swarm.task.id"
TASK_NAME = "com.docker.swarm.task.name"


def test_three_restarts_within_ten_minutes_fail() -> None:
    outcome = RULE.judge(container_subject(restart_count=40, restarts=3, exit_code=127))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {
        "RestartCount": 40,
        "State.Restarting": False,
        "in ten minutes": 3,
        "State.ExitCode": 127,
    }


def test_a_container_younger_than_the_window_needs_no_second_sweep() -> None:
    subject = container_subject(restart_count=3, restarts=None, created_at=RECENT, started_at=RECENT)
    assert RULE.judge(subject).status is Status.FAIL


def test_one_that_gave_up_of_late_fails() -> None:
    assert RULE.judge(container_subject(state="exited", restart_count=5, restarts=5)).status is Status.FAIL


def test_restarts_that_may_be_old_are_unknown_after_one_sweep() -> None:
    outcome = RULE.judge(container_subject(restart_count=3, restarts=None, started_at=RECENT))
    assert outcome.status is Status.UNKNOWN
    assert "one sweep" in outcome.reason


@pytest.mark.parametrize("changes", [{"restarting": True}, {"state": "restarting"}], ids=str)
def test_one_that_waits_for_its_next_start_is_unknown(changes: dict[str, Any]) -> None:
    outcome = RULE.judge(container_subject(restart_count=1, restarts=1, **changes))
    assert outcome.status is Status.UNKNOWN
    assert "next start" in outcome.reason


def test_an_unreported_count_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="RestartCount"):
        RULE.judge(container_subject(restart_count=None))


def test_few_restarts_pass_after_one_sweep() -> None:
    assert RULE.judge(container_subject(restart_count=2, restarts=None, started_at=RECENT)).status is Status.PASS


def test_a_run_that_began_before_the_window_passes_after_one_sweep() -> None:
    assert RULE.judge(container_subject(restart_count=9, restarts=None, started_at=OLD)).status is Status.PASS


def test_old_restarts_pass() -> None:
    assert RULE.judge(container_subject(restart_count=40, restarts=2)).status is Status.PASS


def task(name: str, *, state: str = "failed", slot: int | None = 1, node: str = "n1", **changes: object) -> TaskFacts:
    made = TaskFacts(id=name, service_id="s1", node_id=node, slot=slot, state=state, at=RECENT)
    return replace(made, **changes)  # type: ignore[arg-type]


def on_manager(*tasks: TaskFacts) -> ContainerSubject:
    """The container of the running task `own` of slot 1, on a manager that tells of these tasks."""
    facts = container(labels={TASK: "own", TASK_NAME: "web.1.own"})
    own = task("own", state="running")
    return container_subject(facts, around=around(containers=(facts,), tasks=(own, *tasks)))


@pytest.mark.parametrize("state", ["failed", "rejected"])
def test_three_failed_tasks_of_the_slot_fail(state: str) -> None:
    outcome = RULE.judge(on_manager(*(task(name, state=state) for name in "abc")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"failed tasks of the slot in ten minutes": 3}


def test_three_failed_tasks_of_a_global_service_on_one_node_fail() -> None:
    facts = container(labels={TASK: "own"})
    tasks = (task("own", state="running", slot=None), *(task(name, slot=None) for name in "abc"))
    subject = container_subject(facts, around=around(containers=(facts,), tasks=tasks))
    assert RULE.judge(subject).status is Status.FAIL


@pytest.mark.parametrize(
    "other",
    [
        task("c", slot=2),
        task("c", service_id="s2"),
        task("c", state="shutdown"),
        task("c", at=OLD),
        task("c", at=None),
    ],
    ids=["another slot", "another service", "replaced on purpose", "long ago", "at an unknown time"],
)
def test_what_is_no_recent_failure_of_the_slot_does_not_count(other: TaskFacts) -> None:
    assert RULE.judge(on_manager(task("a"), task("b"), other)).status is Status.PASS


def ended(number: int, **changes: object) -> ContainerFacts:
    labels = {TASK: f"t{number}", TASK_NAME: f"web.1.t{number}"}
    made = container(id=str(number) * 64, state="exited", exit_code=1, finished_at=RECENT, labels=labels)
    return replace(made, **changes)  # type: ignore[arg-type]


def on_worker(*others: ContainerFacts) -> ContainerSubject:
    facts = container(labels={TASK: "own", TASK_NAME: "web.1.own"})
    return container_subject(facts, around=around(containers=(facts, *others)))


def test_without_a_manager_the_slots_ended_containers_fail() -> None:
    assert RULE.judge(on_worker(ended(1), ended(2), ended(3))).status is Status.FAIL


@pytest.mark.parametrize(
    "third",
    [
        ended(3, exit_code=0, error=""),
        ended(3, finished_at=OLD),
        ended(3, finished_at=None),
        ended(3, state="running"),
        ended(3, labels={TASK_NAME: "web.2.t3"}),
        ended(3, labels={}),
    ],
    ids=["ended well", "long ago", "at an unknown time", "still runs", "another slot", "no task"],
)
def test_without_a_manager_only_recent_failures_of_the_slot_count(third: ContainerFacts) -> None:
    assert RULE.judge(on_worker(ended(1), ended(2), third)).status is Status.PASS


def test_a_task_whose_slot_nothing_tells_is_judged_by_its_restarts() -> None:
    assert RULE.judge(container_subject(labels={TASK: "own"}, restart_count=4, restarts=4)).status is Status.FAIL
