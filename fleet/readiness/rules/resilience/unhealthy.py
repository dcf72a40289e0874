"""A container that fails its own health check is down for its users, whatever its uptime says."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class Unhealthy(ContainerRule):
    """The container runs, and its own health check says that it does not work.

    What it looks at:
    State.Health.Status of a container whose State.Status is running, and the number of probes that failed in a row.
    Other states are left out: the engine reports every stopped or paused container as unhealthy, healthy as it
    may have been.

    Why it matters:
    The check was written by the people who know the service, and it says no. The plain engine does not restart an
    unhealthy container and does not take it out of any load balancing, so it may stay like this for weeks.

    How to fix:
    Read what the probe said: docker inspect --format '{{json .State.Health}}' NAME shows the last five answers with
    their output. Run the same command with docker exec to see whether the service or the probe is at fault. Common
    causes: a dependency is down, the program named in the check is not in the image, the service listens on another
    port or address than the check asks, or the timeout is shorter than the service needs under load.

    What the fix may break:
    A restart that makes the container healthy again also removes what could explain the failure. Save docker logs and
    the health output first. Loosening the probe hides the failure from everything else that relies on it.

    References:
    - Goes further than CIS Docker 5.27
    - Docker documentation, Dockerfile reference: HEALTHCHECK
    """

    title = "Unhealthy container"
    good = "The container's own health check does not complain."
    catalogue = "RES-002"
    severity = Severity.HIGH
    facts = ("State.Status", "State.Health.Status", "State.Health.FailingStreak")
    stages = EVERYWHERE
    remedy = Remedy(
        docker="docker inspect --format '{{json .State.Health}}' NAME   # then mend the service or the probe",
        compose=(
            "healthcheck:   # the probe has to fit the service\n"
            '  test: ["CMD-SHELL", "wget -qO- http://127.0.0.1:8080/healthz || exit 1"]\n'
            "  timeout: 5s\n"
            "  start_period: 20s"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if known(facts.state, "State.Status") != "running":
            return not_applicable(f"The container is {facts.state}, not running.")
        if facts.has_health_check is False:
            return not_applicable("The container has no health check.")
        health = known(facts.health or None, "State.Health.Status")
        evidence = {"State.Health.Status": health, "State.Health.FailingStreak": facts.failing_streak}
        if health == "unhealthy":
            return failed(evidence)
        if health == "none":
            return not_applicable("The container has no health check.")
        return passed(evidence, "Still starting: no probe has counted yet." if health == "starting" else "")
