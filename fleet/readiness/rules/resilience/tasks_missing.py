"""A service with fewer tasks than it wants has been failing to start them, over and over."""

from __future__ import annotations

from datetime import timedelta

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity

_PATIENCE = timedelta(minutes=5)


class TasksMissing(ServiceRule):
    """The swarm runs fewer tasks of the service than it should, and has for five minutes.

    What it looks at:
    ServiceStatus of the swarm service: RunningTasks against DesiredTasks, and the states and Status.Err of its tasks.
    A change of the service, or a task that is not five minutes old, gives it time.

    Why it matters:
    The swarm starts a new task every few seconds and throws it away, for as long as nobody looks. Changes of a task
    cause no event, so the log of the engine stays silent while half of the service is missing.

    How to fix:
    Read the task's error with docker service ps --no-trunc: an image that cannot be pulled, a node without room, a
    constraint that nothing meets, a port that is taken.

    What the fix may break:
    Nothing that still runs; a forced update of the service moves the tasks that do.

    References:
    - Engine API 1.41: ServiceStatus
    - https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/
    """

    title = "Fewer tasks running than wanted"
    good = "All of its tasks run."
    catalogue = "RES-015"
    severity = Severity.CRITICAL
    facts = ("ServiceStatus.RunningTasks", "ServiceStatus.DesiredTasks", "Status.Err")
    bound_to = ("ServiceStatus.DesiredTasks",)
    remedy = Remedy(
        docker="docker service ps --no-trunc NAME",
        compose="# what the task's error names: image, constraints, ports, resources",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        swarm = subject.swarm
        if swarm is None:
            return not_applicable("It is no swarm service.")
        if swarm.mode not in {None, "replicated", "global"}:
            return not_applicable(f"Its mode is {swarm.mode}: it ends by itself.")
        running = known(swarm.running_tasks, "ServiceStatus.RunningTasks")
        desired = known(swarm.desired_tasks, "ServiceStatus.DesiredTasks")
        if desired == 0:
            return not_applicable("It was scaled to none.")
        evidence: dict[str, Json] = {"ServiceStatus.RunningTasks": running, "ServiceStatus.DesiredTasks": desired}
        if running >= desired:
            return passed(evidence)
        tasks = [one for one in subject.tasks or () if one.service_id == swarm.id]
        if swarm.updated_at is not None and subject.clock - swarm.updated_at < _PATIENCE:
            return passed(evidence, "It was changed less than five minutes ago.")
        started = [one.at for one in tasks if one.at is not None and one.state in {"failed", "rejected", "pending"}]
        if started and subject.clock - min(started) < _PATIENCE:
            return passed(evidence, "It has not lasted five minutes yet.")
        errors = sorted({one.error for one in tasks if one.error})
        return failed({**evidence, **({"Status.Err": errors[:5]} if errors else {})})
