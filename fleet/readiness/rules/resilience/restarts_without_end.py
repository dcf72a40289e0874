"""A container that is started again for ever hides its failures and keeps its host busy with them."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

MOST = 5


class RestartsWithoutEnd(ContainerRule):
    """The engine starts this container again however often it has failed.

    What it looks at:
    HostConfig.RestartPolicy of the container: always, unless-stopped, and on-failure without a MaximumRetryCount or
    with one above five. It is worth knowing and no more, since a service has to come back after a reboot. That a
    container has no policy at all, or is failing again and again right now, other rules say.
    Swarm tasks are left out: swarm replaces them by its own policy.

    Why it matters:
    A container that ends at once is made, connected and started again for as long as nobody looks, with at most a
    minute in between. Each start costs the host's processors and fills its log, and whoever provokes a crash may do so
    any number of times. After on-failure:5 it stays down, where a monitor sees it.

    How to fix:
    docker update --restart on-failure:5 NAME, where something watches for containers that are down. It does not bring
    a container back when the engine or the host restarts: where nothing else does, keep unless-stopped and let
    restart-loop tell.

    What the fix may break:
    A service that waits for another by failing stays down when that one takes too long. After a reboot of the host the
    container may have to be started by something else.

    References:
    - CIS Docker 1.6.0 5.15
    - Docker documentation, Start containers automatically
    """

    title = "Restarts without an end"
    good = "The engine gives up after a few failures."
    catalogue = "RES-025"
    severity = Severity.INFO
    facts = ("HostConfig.RestartPolicy.Name", "HostConfig.RestartPolicy.MaximumRetryCount")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker update --restart on-failure:5 NAME   # docker run --restart on-failure:5 …",
        compose='restart: "on-failure:5"',
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.facts.swarm_task:
            return not_applicable("Swarm replaces a task that ends.")
        policy = known(subject.facts.restart_policy, "HostConfig.RestartPolicy")
        evidence: dict[str, Json] = {"HostConfig.RestartPolicy.Name": policy.name}
        if policy.name in {"", "no"}:
            return not_applicable("The engine never starts it again; see no-restart-policy.", evidence)
        if policy.name != "on-failure":
            return failed(evidence)
        evidence["HostConfig.RestartPolicy.MaximumRetryCount"] = policy.maximum_retries
        return passed(evidence) if 0 < policy.maximum_retries <= MOST else failed(evidence)
