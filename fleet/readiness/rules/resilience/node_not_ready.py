"""A node that is down still counts, in the plan and in the bill."""

from __future__ import annotations

from datetime import timedelta

from fleet.readiness.findings import Json, Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_DRAINED = timedelta(hours=24)


class NodeNotReady(HostRule):
    """A node of the swarm is not ready, or has been drained for longer than a day.

    What it looks at:
    Status.State and Spec.Availability of every node, as a manager lists them. The finding is on the manager, and its
    evidence names the nodes.

    Why it matters:
    The tasks of that node run elsewhere or nowhere, and the room they took there is what the next failure would need.
    A node left drained after an upgrade is forgotten room.

    How to fix:
    Look at the node's engine and network; bring a drained one back with docker node update --availability active.
    Remove one that will not come back.

    What the fix may break:
    Tasks are not moved back by themselves; forcing an update of a service spreads them anew.

    References:
    - https://docs.docker.com/engine/swarm/manage-nodes/
    """

    title = "Node that is not ready"
    good = "All nodes of the swarm are ready."
    catalogue = "RES-022"
    severity = Severity.HIGH
    facts = ("Status.State", "Spec.Availability")
    remedy = Remedy(
        docker="docker node update --availability active NODE", compose="# the cluster's nodes, not the compose file"
    )

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = subject.facts.swarm
        if swarm is None or swarm.state in {None, "inactive"}:
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return not_applicable("A manager of the swarm is asked instead.")
        nodes = subject.around.nodes
        if nodes is None:
            return unknown("The manager did not list its nodes.")
        down = {node.hostname or node.id: node.state for node in nodes if node.state not in {"ready", None}}
        if down:
            shown: dict[str, Json] = {"Status.State": down}
            return failed(shown)
        now = subject.around.now
        drained = sorted(
            node.hostname or node.id
            for node in nodes
            if node.availability == "drain" and node.updated_at is not None and now - node.updated_at > _DRAINED
        )
        if drained:
            return failed({"Spec.Availability": {"drain": drained}}, severity=Severity.LOW)
        return passed({"Status.State": {"ready": len(nodes)}})
