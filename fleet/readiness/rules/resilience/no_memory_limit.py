"""A container without a memory limit can take every other container of its host down with it."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoMemoryLimit(ContainerRule):
    """This container may use all the memory of its host.

    What it looks at:
    HostConfig.Memory of the container, 0 being no limit. A limit on a swarm service arrives in the same field.
    On a host whose kernel cannot enforce limits (MemoryLimit in the engine's own info) it is unknown: there the engine
    drops the limit it was given. Limits set on a parent cgroup outside the engine are not seen.

    Why it matters:
    When a host runs out of memory the kernel picks a victim by its size, not by its guilt: often the database next
    door, sometimes the engine. With a limit only the container that leaks is killed, and it is started again.

    How to fix:
    See what it uses at its busiest with docker stats, add a third, and set that. docker update --memory 512m
    --memory-swap 512m NAME works on a running container. Write the same into the compose file or the service.
    Tell runtimes their limit too (-XX:MaxRAMPercentage, --max-old-space-size, GOMEMLIMIT), so that they collect
    garbage before the kernel acts.

    What the fix may break:
    A limit below the real peak gets the container killed; the rule out-of-memory-kill tells. Page cache counts
    towards the limit, so a tight one makes databases and file servers slower before it kills them.

    References:
    - CIS Docker 1.6.0 5.11
    - OWASP Docker Security Cheat Sheet, rule 7
    - Docker documentation, Resource constraints
    - Kubernetes documentation, Resource management for pods and containers
    - Polaris, memoryLimitsMissing
    """

    title = "No memory limit"
    good = "The container has a memory limit."
    catalogue = "RES-006"
    severity = Severity.HIGH
    facts = ("HostConfig.Memory", "MemoryLimit")
    remedy = Remedy(
        docker="docker update --memory 512m --memory-swap 512m NAME   # docker run --memory 512m …",
        compose="mem_limit: 512m\n# in a swarm:\ndeploy:\n  resources:\n    limits:\n      memory: 512m",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.around.host.memory_limit is False:
            return unknown("The host's kernel cannot enforce memory limits.", {"MemoryLimit": False})
        memory = known(subject.facts.memory, "HostConfig.Memory")
        evidence = {"HostConfig.Memory": memory}
        return passed(evidence) if memory > 0 else failed(evidence)
