"""A program that can change itself will not be the same after a break-in."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class WritableRoot(ContainerRule):
    """The container can write to its own program files.

    What it looks at:
    HostConfig.ReadonlyRootfs of the container. Containers that build images say so with the label loadline.role=build.

    Why it matters:
    Whoever breaks in can change the program, leave tools behind and find them at the next visit. And what the program
    itself writes there is lost with the container.

    How to fix:
    Start the container with --read-only and give it a tmpfs or a volume for each path that it has to write.

    What the fix may break:
    Programs that write beside their binaries fail until they get such a path.

    References:
    - CIS Docker 1.6.0 5.13
    - OWASP Docker Security Cheat Sheet, rule 8
    """

    title = "Root file system that can be written"
    good = "The container cannot write to its own program files."
    catalogue = "HRD-015"
    severity = Severity.MEDIUM
    facts = ("HostConfig.ReadonlyRootfs",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="docker run --read-only --tmpfs /tmp …", compose="read_only: true\ntmpfs: [/tmp]")

    def judge(self, subject: ContainerSubject) -> Outcome:
        read_only = known(subject.facts.readonly_root, "HostConfig.ReadonlyRootfs")
        if read_only:
            return passed()
        if "build" in subject.roles:
            return not_applicable("Its role is to build images.")
        return failed({"HostConfig.ReadonlyRootfs": False})
