"""A container whose policy says "keep it running" and that does not run is a service that is down."""

from __future__ import annotations

from typing import Any

from fleet.inventory import ContainerFacts
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_DOWN = {"exited", "created", "dead"}
_KEPT_RUNNING = {"always", "unless-stopped"}
#: Ended by itself, by SIGKILL, by SIGTERM: what docker stop and docker kill leave behind.
_STOPPED_BY_HAND = {0, 137, 143}


class ShouldBeRunning(ContainerRule):
    """The restart policy promises that this container runs, and it does not.

    What it looks at:
    State.Status, State.Error and State.ExitCode of a container whose restart policy is always or unless-stopped, or
    whose policy is on-failure and has used up its retries.
    An engine that could not start the container says why in State.Error only, with exit code 0 or 128 beside it: that
    is critical.
    The engine does not record who stopped a container. Under unless-stopped, exit code 0, 137 or 143 without an error
    is what docker stop leaves behind, and the policy allows it: then it is unknown, and a person has to say.

    Why it matters:
    Somebody wrote down that this service must not be down, and it is down. Start errors are the treacherous ones: a
    port that is taken, a network or a mount that is gone after a reboot. The engine tries once and falls silent.

    How to fix:
    Read docker inspect --format '{{.State.Error}}' NAME. "port is already allocated": stop what holds the port, mostly
    the container's own predecessor. "network … not found" or "no such file or directory": bring back the network or the
    path, or recreate the container. Then docker start NAME.
    If it was stopped on purpose, remove it, or say so with docker update --restart no NAME.

    What the fix may break:
    Starting a container that was kept as a way back puts a second copy of the service beside its successor: on the same
    port it fails again, on the same volume it can damage data. Look for the successor first.

    References:
    - Docker documentation, Start containers automatically
    - Docker documentation, docker container run: exit status
    """

    title = "Stopped container that should be running"
    good = "The container runs, as its restart policy says."
    catalogue = "RES-023"
    severity = Severity.HIGH
    facts = ("State.Status", "State.Error", "State.ExitCode", "HostConfig.RestartPolicy")
    remedy = Remedy(
        docker="docker inspect --format '{{.State.Error}}' NAME\ndocker start NAME",
        compose="# docker compose up -d SERVICE\nrestart: unless-stopped   # or remove the service that is not wanted",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        policy = known(facts.restart_policy, "HostConfig.RestartPolicy").name
        state = known(facts.state, "State.Status")
        if policy not in _KEPT_RUNNING | {"on-failure"}:
            return not_applicable("No restart policy says that it has to run.")
        evidence: dict[str, Any] = {"State.Status": state, "HostConfig.RestartPolicy.Name": policy}
        if state not in _DOWN:
            return passed(evidence)
        evidence["State.ExitCode"] = facts.exit_code
        if facts.error:
            return failed(
                evidence | {"State.Error": facts.error}, "The engine could not start it.", severity=Severity.CRITICAL
            )
        if policy == "on-failure":
            return _after_failures(facts, evidence)
        if policy == "unless-stopped" and state == "exited" and facts.exit_code in _STOPPED_BY_HAND:
            return unknown(
                f"Exit code {facts.exit_code} without an error is what a stop by hand leaves behind, which the policy "
                "unless-stopped allows; the engine does not record who stopped it.",
                evidence,
            )
        return failed(evidence)


def _after_failures(facts: ContainerFacts, evidence: dict[str, Any]) -> Outcome:
    retries = facts.restart_policy.maximum_retries if facts.restart_policy else 0
    count = known(facts.restart_count, "RestartCount")
    if facts.exit_code and 0 < retries <= count:
        counted = {"RestartCount": count, "HostConfig.RestartPolicy.MaximumRetryCount": retries}
        return failed(evidence | counted, f"The engine gave up after {count} restarts.")
    return not_applicable("Under on-failure a container may end; only its retries are limited.", evidence)
