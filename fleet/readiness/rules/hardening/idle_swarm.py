"""A swarm of one that runs nothing is open ports for no use."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class IdleSwarm(HostRule):
    """Swarm mode is on, and nothing uses it.

    What it looks at:
    Swarm.LocalNodeState active, Swarm.Nodes, and the list of services: it fails for a manager that is its swarm's only
    node and has no service. A worker (Swarm.ControlAvailable false) proves that there is a second node.

    Why it matters:
    Swarm mode opens ports 2377, 7946 and 4789, holds join tokens, keys and a replicated log, and changes how some
    commands behave. On a host that only runs plain containers all of that can only be attacked or break.

    How to fix:
    docker swarm leave --force, after a look at docker secret ls and docker config ls: both are deleted with the swarm.
    Close the three ports in the firewall. Where a swarm is planned, let the host join when there is something to run.

    What the fix may break:
    Overlay networks, secrets and configs of the swarm are gone, and containers that were attached to such a network
    lose it. Scripts that call docker stack deploy fail on this host.

    References:
    - CIS Docker 1.6.0 5.1
    - Docker documentation, docker swarm leave
    """

    title = "Swarm mode on and unused"
    good = "Swarm mode is off, or the swarm runs something."
    catalogue = "HRD-027"
    severity = Severity.LOW
    facts = ("Swarm.LocalNodeState", "Swarm.ControlAvailable", "Swarm.Nodes", "services")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker swarm leave --force",
        compose="# nothing to set: a host is in a swarm because somebody ran docker swarm init or join on it",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = known(subject.facts.swarm, "Swarm")
        state = known(swarm.state, "Swarm.LocalNodeState")
        if state == "inactive":
            return not_applicable("The engine is in no swarm.")
        if state != "active":
            return unknown("A node that is not up does not tell what its swarm runs.", {"Swarm.LocalNodeState": state})
        if not known(swarm.control_available, "Swarm.ControlAvailable"):
            return passed({"Swarm.ControlAvailable": False}, "A worker's swarm has another node, its manager.")
        nodes = known(swarm.nodes, "Swarm.Nodes")
        if nodes > 1:
            return passed({"Swarm.Nodes": nodes})
        services = len(known(subject.around.services, "the list of services"))
        evidence = {"Swarm.LocalNodeState": state, "Swarm.Nodes": nodes, "services": services}
        return passed(evidence) if services else failed(evidence)
