"""The kernel killed a process of this container because its memory ran out, and it will again."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class OutOfMemoryKill(ContainerRule):
    """The kernel killed this container, or may not kill it and will take another one instead.

    What it looks at:
    State.OOMKilled: the kernel ended the container, in its present or last run, because it reached its memory limit.
    The flag clears with the next start. Engines before 24.0 set it only when the container's first process was killed,
    so there a killed child process goes unseen.
    HostConfig.OomKillDisable together with no limit (HostConfig.Memory is 0) is critical: then the kernel kills others.

    Why it matters:
    The process got no chance to finish its work, close its files or answer the request it was on. Whatever filled the
    memory once fills it again. With the killer disabled and no limit, one leak takes the host down with every
    container on it, while the guilty one survives.

    How to fix:
    Find out which of two it is. If the limit is too small for honest work, raise it: docker update --memory 1g
    --memory-swap 1g NAME works on the running container. If memory grows without end, it is a leak: a higher limit only
    delays the next kill. Tell runtimes their limit (-XX:MaxRAMPercentage, --max-old-space-size, GOMEMLIMIT).
    Never start a container with --oom-kill-disable and without --memory.

    What the fix may break:
    A higher limit takes memory from the other containers of the host: add up all limits and compare them with what the
    host has.

    References:
    - Docker documentation, Resource constraints: understand the risks of running out of memory
    - moby commit 57d2d6ef62 (the flag is set at once since Engine 24.0)
    - NIST SP 800-190 4.4.3
    """

    title = "Container killed for lack of memory"
    good = "The kernel has not killed the container for lack of memory."
    catalogue = "RES-005"
    severity = Severity.HIGH
    facts = ("State.OOMKilled", "HostConfig.OomKillDisable", "HostConfig.Memory")
    linux_only = True
    remedy = Remedy(
        docker="docker update --memory 1g --memory-swap 1g NAME",
        compose="mem_limit: 1g\nmemswap_limit: 1g\noom_kill_disable: false",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if facts.oom_kill_disable and facts.memory == 0:
            evidence = {"HostConfig.OomKillDisable": True, "HostConfig.Memory": 0}
            reason = "It has no limit and may not be killed: when it leaks, the kernel kills everything else."
            return failed(evidence, reason, severity=Severity.CRITICAL)
        killed = known(facts.oom_killed, "State.OOMKilled")
        evidence = {"State.OOMKilled": killed}
        if not killed:
            return passed(evidence)
        return failed(evidence | {"State.ExitCode": facts.exit_code, "HostConfig.Memory": facts.memory})
