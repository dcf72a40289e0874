"""A container that keeps crashing looks up to whoever glances at it between two crashes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fleet.inventory import Neighbour, TaskFacts
from fleet.inventory.neighbour import TASK_NAME_LABEL
from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

WINDOW = timedelta(minutes=10)
LIMIT = 3


class RestartLoop(ContainerRule):
    """The container crashes and is started again, over and over.

    What it looks at:
    RestartCount, and how far it rose within ten minutes: three restarts or more fail. A start by hand sets the count
    back to nought, so a lower count counts from there.
    For a swarm task, the tasks of its slot that failed or were rejected within ten minutes, because swarm makes a new
    container for each attempt and RestartCount stays 0. Where the host is no manager, its own ended containers of the
    slot are counted instead.
    It is unknown until a second sweep has seen the container, if its first count may be old.

    Why it matters:
    Between two crashes the container counts as running, so uptime pages stay green while users get errors. Each start
    costs the host work, and each crash may leave a half-written file behind.

    How to fix:
    docker logs --tail 100 NAME shows the last words, docker inspect --format '{{.State.ExitCode}} {{.State.Error}}'
    NAME how it ended: 137 is a kill (mostly memory, see out-of-memory-kill), 126 or 127 a program that cannot be run or
    found, 1 or 2 mostly configuration. For a swarm service, docker service ps --no-trunc SERVICE has the error of each
    task. When what it needs comes up later than it does, let it wait and try again instead of ending.
    on-failure:5 makes the engine give up after five failures, so that the state is visible to all.

    What the fix may break:
    on-failure:5 leaves the service down once it has given up, also when the cause was somewhere else and has passed.

    References:
    - Kubernetes documentation, Pod lifecycle: CrashLoopBackOff
    - Docker documentation, Start containers automatically
    """

    title = "Restart loop"
    good = "The container restarted less than three times within ten minutes."
    catalogue = "RES-004"
    severity = Severity.CRITICAL
    facts = ("RestartCount", "State.Restarting", "State.StartedAt", "Status.State of the slot's tasks")
    remedy = Remedy(
        docker="docker logs --tail 100 NAME\ndocker update --restart on-failure:5 NAME",
        compose="restart: on-failure:5\n# in a swarm:\ndeploy:\n  restart_policy: {max_attempts: 5, window: 120s}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.facts.swarm_task:
            ended = _ended_in_slot(subject)
            if ended is not None:
                evidence = {"failed tasks of the slot in ten minutes": ended}
                return failed(evidence) if ended >= LIMIT else passed(evidence)
        return _by_restarts(subject)


def _by_restarts(subject: ContainerSubject) -> Outcome:
    facts = subject.facts
    count = known(facts.restart_count, "RestartCount")
    restarting = bool(facts.restarting) or facts.state == "restarting"
    recent = _recent(subject, count)
    evidence: dict[str, Any] = {"RestartCount": count, "State.Restarting": restarting, "in ten minutes": recent}
    if recent is not None and recent >= LIMIT:
        return failed(evidence | {"State.ExitCode": facts.exit_code})
    if restarting:
        return unknown("It waits for its next start; the following sweeps tell one crash from a loop.", evidence)
    if recent is None and count >= LIMIT:
        return unknown("Only one sweep has seen it, so its restarts may be old.", evidence)
    return passed(evidence)


def _recent(subject: ContainerSubject, count: int) -> int | None:
    """Restarts in the window; None when only the next sweep can tell."""
    facts, start = subject.facts, subject.around.now - WINDOW
    if subject.restarts is not None:
        return subject.restarts
    if facts.created_at is not None and facts.created_at > start:
        return count
    # Every restart renews StartedAt: a run that began before the window proves that there was none in it.
    if facts.state == "running" and facts.started_at is not None and facts.started_at <= start:
        return 0
    return None


def _ended_in_slot(subject: ContainerSubject) -> int | None:
    """How many tasks of the container's slot failed in the window; None when nothing tells the slot."""
    start = subject.around.now - WINDOW
    tasks = subject.around.tasks
    own = next((task for task in tasks or () if task.id == subject.facts.swarm_task), None)
    if tasks is not None and own is not None:
        return sum(_task_failed(task, start) for task in tasks if _slot(task) == _slot(own))
    slot = _slot_by_name(subject.facts)
    if slot is None:
        return None
    return sum(_container_failed(one, start) for one in subject.around.containers if _slot_by_name(one) == slot)


def _slot(task: TaskFacts) -> tuple[str | None, int | str | None]:
    # A global service has no slots: there the node takes the slot's place.
    return task.service_id, task.slot or task.node_id


def _task_failed(task: TaskFacts, start: datetime) -> bool:
    return task.state in {"failed", "rejected"} and task.at is not None and task.at > start


def _slot_by_name(facts: Neighbour) -> str | None:
    return (facts.label(TASK_NAME_LABEL) or "").rpartition(".")[0] or None


def _container_failed(facts: Neighbour, start: datetime) -> bool:
    ended = facts.finished_at is not None and facts.finished_at > start
    return ended and facts.state in {"exited", "dead"} and (facts.exit_code != 0 or bool(facts.error))
