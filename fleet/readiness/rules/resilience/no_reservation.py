"""A scheduler that is not told what a task needs puts it where there is a gap in its list, not in the memory."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity


class NoReservation(ServiceRule):
    """The service reserves neither memory nor processor time.

    What it looks at:
    Resources.Reservations of the swarm service. Outside a swarm nobody schedules by reservations.

    Why it matters:
    A swarm places tasks by what is reserved, not by what is used. Without any reservation all tasks fit on one node, on
    paper, and they go there after the first failure.

    How to fix:
    Reserve what the service needs on an ordinary day, below its limit.

    What the fix may break:
    Tasks stay pending when no node has that much unreserved.

    References:
    - https://docs.docker.com/reference/cli/docker/service/create/#reserve-memory
    - Polaris: memoryRequestsMissing
    """

    title = "No resources reserved"
    good = "It reserves what it needs."
    catalogue = "RES-010"
    severity = Severity.LOW
    facts = ("Resources.Reservations",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker service update --reserve-memory 256M …",
        compose="deploy: {resources: {reservations: {memory: 256M}}}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        if subject.swarm is None:
            return not_applicable("It is no swarm service.")
        memory = known(subject.swarm.memory_reservation, "Resources.Reservations.MemoryBytes")
        cpus = subject.swarm.nano_cpus_reservation or 0
        evidence = {"Resources.Reservations": {"MemoryBytes": memory, "NanoCPUs": cpus}}
        return passed(evidence) if memory or cpus else failed(evidence)
