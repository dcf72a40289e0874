"""One of it is none while it is restarted."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.members import family_of

_LOWEST_TIER = 3
_LEAST = 2
_SPARED = frozenset({"job", "agent", "tool", "singleton"})


class SingleReplica(ServiceRule):
    """The service runs once in production.

    What it looks at:
    Mode.Replicated.Replicas of the swarm service, or the number of containers of the service over all hosts. Global
    services, jobs, agents, services of tier 3 and those that keep data, for which rules about state look, are left out.

    Why it matters:
    Every deployment, every restart of the engine and every lost host is an outage of the service for as long as it
    takes somebody or something to start it again.

    How to fix:
    Run two or more, behind something that spreads requests, on hosts of their own.

    What the fix may break:
    Programs that keep sessions in memory, hold a lock or run jobs on a timer have to learn that they are not alone.

    References:
    - Polaris: deploymentMissingReplicas
    - Google SRE book, chapter 32: production readiness review
    """

    title = "Fewer than two replicas"
    good = "It runs at least twice."
    catalogue = "RES-013"
    severity = Severity.HIGH
    facts = ("Mode.Replicated.Replicas", "State.Status")
    stages = PRODUCTION_ONLY
    bound_to = ("replicas",)
    remedy = Remedy(docker="docker service scale NAME=2", compose="deploy: {replicas: 2}")

    def judge(self, subject: ServiceSubject) -> Outcome:
        if subject.swarm is not None and subject.swarm.mode not in {None, "replicated"}:
            return not_applicable(f"Its mode is {subject.swarm.mode}.")
        if subject.roles & _SPARED:
            return not_applicable("Its role is to run once.")
        if subject.tier is not None and subject.tier >= _LOWEST_TIER:
            return not_applicable("A service of tier 3 may stand still for a while.")
        running = subject.running
        if any(member.datastore for member in running) or family_of(running, subject.tables.datastores):
            return not_applicable("It keeps data, which rules about state look at.")
        wanted = subject.swarm.replicas if subject.swarm else None
        replicas = wanted if wanted is not None else len(running)
        evidence: dict[str, Json] = {"replicas": replicas}
        if replicas >= _LEAST:
            return passed(evidence)
        if wanted is None and not subject.all_hosts_answered:
            return unknown("Not every host answered, so another replica may run where nobody looks.", evidence)
        return failed({**evidence, "host": sorted({member.host for member in running})})
