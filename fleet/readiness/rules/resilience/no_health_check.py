"""A container without a health check is up as long as its process exists, whatever its users see."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoHealthCheck(ContainerRule):
    """Nobody asks this container whether it still works.

    What it looks at:
    Config.Healthcheck of the container. The engine merges the image's HEALTHCHECK into it, so either place counts.
    It fails when there is none, when Test is empty, or when Test is NONE, which switches the image's own off.
    A one-shot job is left out: a container with the label loadline.role=job, or one that ended with exit code 0 and
    is not to be started again.

    Why it matters:
    Without a health check the engine knows one thing: the process exists. A server that has run out of connections,
    waits on a lock or answers every request with an error counts as up. Nothing replaces it, a rolling update goes on
    over it, and containers that wait for it with depends_on start too early.

    How to fix:
    Give the image a HEALTHCHECK, or the container --health-cmd, that asks the service what a user would ask: an HTTP
    request to a cheap page, pg_isready, redis-cli ping. Let it answer within the timeout, set the start period to
    how long the service takes to come up, and have it test this service only, not the ones behind it.
    The program named in the check must be in the image: slim images often lack curl and wget.
    A health check cannot be added to a container that exists: recreate it.

    What the fix may break:
    In a swarm, and wherever something restarts unhealthy containers, a probe that is too strict or a start period that
    is too short puts a good service into a restart loop. Each probe starts a process, so keep the interval at ten
    seconds or more on hosts with hundreds of containers.

    References:
    - CIS Docker 1.6.0 4.6
    - CIS Docker 1.6.0 5.27
    - Docker documentation, Dockerfile reference: HEALTHCHECK
    - Kubernetes documentation, liveness, readiness and startup probes
    - Polaris, livenessProbeMissing
    """

    title = "No health check"
    good = "A health check asks the container whether it works."
    catalogue = "RES-001"
    severity = Severity.HIGH
    facts = ("Config.Healthcheck",)
    remedy = Remedy(
        docker=(
            "docker run --health-cmd 'wget -qO- http://127.0.0.1:8080/healthz || exit 1' "
            "--health-interval 30s --health-timeout 5s --health-start-period 20s …"
        ),
        compose=(
            "healthcheck:\n"
            '  test: ["CMD-SHELL", "wget -qO- http://127.0.0.1:8080/healthz || exit 1"]\n'
            "  interval: 30s\n"
            "  timeout: 5s\n"
            "  start_period: 20s"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if "job" in subject.roles:
            return not_applicable("The label says that this is a one-shot job.")
        has_one = known(facts.has_health_check, "Config.Healthcheck")
        # Only the kind of test: its command may hold a password and is never kept.
        evidence = {"Config.Healthcheck.Test": facts.health_check.kind if facts.health_check else None}
        if has_one:
            return passed(evidence)
        if _finished(subject):
            return not_applicable("It ended with exit code 0 and is not to be started again: a finished job.", evidence)
        return failed(evidence)


def _finished(subject: ContainerSubject) -> bool:
    facts = subject.facts
    policy = facts.restart_policy.name if facts.restart_policy else ""
    return facts.state == "exited" and facts.exit_code == 0 and not facts.error and policy in {"", "no", "on-failure"}
