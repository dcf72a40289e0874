"""Swarm mode opens ports and keeps keys, also for a swarm that does nothing."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class IdleSwarm(HostRule):
    """Swarm mode is on, with one node and no service.

    What it looks at:
    Swarm.LocalNodeState and Swarm.Nodes of /info, and the list of services on a manager.

    Why it matters:
    A swarm listens on port 2377 and keeps certificates and tokens for others to join. One that somebody tried out and
    forgot is an entrance without a use.

    How to fix:
    Leave the swarm with docker swarm leave --force.

    What the fix may break:
    Configs and secrets that were kept there are gone.

    References:
    - CIS Docker 1.6.0 5.1
    """

    title = "Swarm mode that is not used"
    good = "The swarm runs services."
    catalogue = "HRD-027"
    severity = Severity.LOW
    facts = ("Swarm.LocalNodeState", "Swarm.Nodes", "/services")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker swarm leave --force", compose="# the cluster, not the compose file")

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = subject.facts.swarm
        state = known(swarm and swarm.state, "Swarm.LocalNodeState")
        if swarm is None or state == "inactive":
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return unknown("Only a manager knows the services.")
        nodes, services = known(swarm.nodes, "Swarm.Nodes"), known(subject.around.services, "/services")
        evidence = {"Swarm.Nodes": nodes, "/services": len(services)}
        return failed({"Swarm.Nodes": nodes, "/services": 0}) if nodes == 1 and not services else passed(evidence)
