"""A program that starts itself again and again needs no hole to take a host down."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoPidsLimit(ContainerRule):
    """The container may start as many processes as the host can hold.

    What it looks at:
    HostConfig.PidsLimit: null, 0 and -1 mean no limit. Where the kernel cannot limit them at all, another rule says so.

    Why it matters:
    A fork bomb, or a web server that starts a process for each request of an attacker, fills the host's table of
    processes. Then nothing can be started there, not even the shell of who wants to help.

    How to fix:
    Set a limit a few times above what the container uses; docker stats shows PIDS. docker update sets it without a
    restart.

    What the fix may break:
    A program at its limit cannot start threads and says so in odd ways.

    References:
    - CIS Docker 1.6.0 5.29
    - OWASP Docker Security Cheat Sheet, rule 7
    """

    title = "No limit on processes"
    good = "The number of its processes is limited."
    catalogue = "RES-008"
    severity = Severity.MEDIUM
    facts = ("HostConfig.PidsLimit",)
    linux_only = True
    remedy = Remedy(docker="docker update --pids-limit 200 …", compose="pids_limit: 200")

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.around.host.pids_limit is False:
            return not_applicable("The kernel cannot limit processes, which another rule says.")
        limit = subject.facts.pids_limit
        if limit is None and not subject.facts.inspected:
            known(limit, "HostConfig.PidsLimit")
        return failed({"HostConfig.PidsLimit": limit}) if limit in {None, 0, -1} else passed()
