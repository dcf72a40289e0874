"""A log without an end ends with the disk."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class LogWithoutRotation(ContainerRule):
    """The container's log is a file that grows for ever.

    What it looks at:
    HostConfig.LogConfig: Type json-file without max-size in Config. The engine copies its own defaults into each
    container when it is made, so this is what really holds. The driver local rotates by itself.

    Why it matters:
    Everything that the program prints stays on the host's disk until the container is removed. A chatty service fills
    it in weeks, and then no container on the host can write any more.

    How to fix:
    Set max-size and max-file, or the driver local, for the container or in daemon.json for all that are made from then
    on. Containers that exist keep what they were made with.

    What the fix may break:
    Older lines are gone: ship logs elsewhere if they are needed.

    References:
    - https://docs.docker.com/engine/logging/configure/
    """

    title = "Log file without rotation"
    good = "Its log is rotated or goes elsewhere."
    catalogue = "RES-011"
    severity = Severity.HIGH
    facts = ("HostConfig.LogConfig.Type", "HostConfig.LogConfig.Config")
    remedy = Remedy(
        docker="docker run --log-opt max-size=10m --log-opt max-file=3 …",
        compose="logging: {driver: json-file, options: {max-size: 10m, max-file: '3'}}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        driver = known(subject.facts.log_driver, "HostConfig.LogConfig.Type")
        if subject.around.host.kind == "podman":
            return unknown("Podman calls every file a json-file and does not tell whether it rotates.")
        if driver != "json-file":
            return not_applicable(f"Its log driver is {driver or 'not set'}.")
        names = known(subject.facts.log_option_names, "HostConfig.LogConfig.Config")
        evidence = {"HostConfig.LogConfig.Type": driver, "HostConfig.LogConfig.Config": list(names)}
        return passed(evidence) if "max-size" in names else failed(evidence)
