"""Limits of files and locks that nobody set are those of the host's first process."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoUlimits(ContainerRule):
    """No limit of open files or of other resources of the kernel is set for the container.

    What it looks at:
    HostConfig.Ulimits. The engine copies its own defaults into each container when it is made, so the field tells of
    both.

    Why it matters:
    One program that leaks files or locks uses up what the kernel has for all. Without a limit of its own it fails late,
    together with everything else on the host.

    How to fix:
    Set --ulimit nofile for the container, or default-ulimits in daemon.json for all that are made from then on.

    What the fix may break:
    Databases open thousands of files: give them the number from their manual.

    References:
    - CIS Docker 1.6.0 5.19
    - CIS Docker 1.6.0 2.8
    """

    title = "No ulimits"
    good = "Limits of the kernel's resources are set."
    catalogue = "HRD-024"
    severity = Severity.LOW
    facts = ("HostConfig.Ulimits",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="docker run --ulimit nofile=4096 …", compose="ulimits: {nofile: 4096}")

    def judge(self, subject: ContainerSubject) -> Outcome:
        limits = known(subject.facts.ulimits, "HostConfig.Ulimits")
        return passed() if limits else failed({"HostConfig.Ulimits": []}, cis=("5.19",))
