"""Without a share of its own, one busy container is everybody's slow day."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_DEFAULT_SHARES = frozenset({0, 1024})


class NoCpuLimit(ContainerRule):
    """The container has neither a limit of processor time nor a share that differs from everybody else's.

    What it looks at:
    HostConfig.NanoCpus, CpuQuota, CpuShares and CpusetCpus. Any of them set to something of its own passes: a quota
    caps, shares divide what is scarce, a set of processors pins.

    Why it matters:
    A loop that does not end takes all processors of the host. The services beside it answer late, their health checks
    fail, and what is restarted is the wrong one.

    How to fix:
    Give it a limit by --cpus, or a weight by --cpu-shares where it may use what is idle. docker update changes both
    without a restart.

    What the fix may break:
    A limit that is too low makes the program slow while the host is idle: look at its use over a busy day first.

    References:
    - CIS Docker 1.6.0 5.12
    - OWASP Docker Security Cheat Sheet, rule 7
    """

    title = "No limit or share of processor time"
    good = "Its share of processor time is set."
    catalogue = "RES-007"
    severity = Severity.MEDIUM
    facts = ("HostConfig.NanoCpus", "HostConfig.CpuQuota", "HostConfig.CpuShares", "HostConfig.CpusetCpus")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker update --cpus 1 …", compose="cpus: 1")

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if facts.nano_cpus or (facts.cpu_quota or 0) > 0 or facts.cpuset_cpus:
            return passed()
        shares = known(facts.cpu_shares, "HostConfig.CpuShares")
        if shares not in _DEFAULT_SHARES:
            return passed()
        known(facts.nano_cpus, "HostConfig.NanoCpus")
        known(facts.cpu_quota, "HostConfig.CpuQuota")
        return failed({"HostConfig.NanoCpus": 0, "HostConfig.CpuShares": shares})
