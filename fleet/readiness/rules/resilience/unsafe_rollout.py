"""A rollout that replaces everything at once, and goes on when it fails, is an outage with a name."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity

_SEVERAL = 2


class UnsafeRollout(ServiceRule):
    """The service is updated all at once, or goes on updating when new tasks fail, or its update is stuck.

    What it looks at:
    UpdateConfig of the swarm service: Parallelism 0, which means all, FailureAction continue; whether there is a
    RollbackConfig; and UpdateStatus.State, paused or rollback_paused.

    Why it matters:
    A version that does not start replaces the one that did, on every node, within a minute. A paused update leaves two
    versions running until somebody notices.

    How to fix:
    Update one task at a time, start the new one first, and roll back by itself on failure. A stuck update is ended by
    docker service rollback.

    What the fix may break:
    For a moment one task more than usual runs, and old and new versions side by side.

    References:
    - https://docs.docker.com/reference/cli/docker/service/update/
    - https://docs.docker.com/reference/compose-file/deploy/#update_config
    """

    title = "Unsafe or stuck rollout"
    good = "It is updated step by step and rolls back on failure."
    catalogue = "RES-016"
    severity = Severity.MEDIUM
    facts = ("UpdateConfig", "RollbackConfig", "UpdateStatus.State")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker service update --update-parallelism 1 --update-order start-first "
        "--update-failure-action rollback …",
        compose="deploy:\n"
        "  update_config: {parallelism: 1, failure_action: rollback, order: start-first}\n"
        "  rollback_config: {parallelism: 1}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        swarm = subject.swarm
        if swarm is None:
            return not_applicable("It is no swarm service.")
        if swarm.update_state in {"paused", "rollback_paused"}:
            return failed({"UpdateStatus.State": swarm.update_state}, "The update is stuck.", severity=Severity.HIGH)
        if (swarm.replicas or 0) < _SEVERAL:
            return not_applicable("It has fewer than two replicas.")
        wrong: dict[str, Json] = {}
        if swarm.update_failure_action is None and swarm.update_parallelism is None:
            wrong["UpdateConfig"] = None
        if swarm.update_parallelism == 0:
            wrong["UpdateConfig.Parallelism"] = 0
        if swarm.update_failure_action == "continue":
            wrong["UpdateConfig.FailureAction"] = "continue"
        if swarm.rollback_configured is False and swarm.update_failure_action != "rollback":
            wrong["RollbackConfig"] = None
        return failed(wrong) if wrong else passed()
