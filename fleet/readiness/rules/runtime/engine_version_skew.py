"""A cluster whose nodes are years apart works until they have to agree on something new."""

from __future__ import annotations

from fleet.inventory.versions import Version
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_MOST = 2
#: Docker went from 20 straight to 23.
_LEFT_OUT = range(21, 23)


class EngineVersionSkew(HostRule):
    """Nodes of one swarm run engines two or more major versions apart, or its managers differ.

    What it looks at:
    Description.Engine.EngineVersion of every node, as a manager lists them. The finding is on the manager.

    Why it matters:
    Managers keep one log together and must read each other's entries. Workers that are far behind do not know options
    that a service uses, and start its tasks without them or not at all.

    How to fix:
    Upgrade node by node: drain one, upgrade, bring it back; managers first and never more than half of them at once.

    What the fix may break:
    Draining moves tasks to the other nodes, which need the room.

    References:
    - https://docs.docker.com/engine/swarm/
    - https://docs.docker.com/engine/release-notes/
    """

    title = "Engine versions that differ within one cluster"
    good = "All nodes of the swarm run about the same engine."
    catalogue = "RUN-014"
    severity = Severity.MEDIUM
    facts = ("Description.Engine.EngineVersion",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker node update --availability drain NODE   # upgrade it, then --availability active",
        compose="# the hosts' packages, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman knows no swarm.")
        swarm = known(subject.facts.swarm, "Swarm")
        if known(swarm.state, "Swarm.LocalNodeState") == "inactive":
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return not_applicable("A manager of the swarm is asked instead; this is a worker.")
        nodes = subject.around.nodes
        if nodes is None:
            return unknown("The manager did not list its nodes.")
        versions = {node.hostname or node.id: Version.parse(node.engine_version) for node in nodes}
        evidence: dict[str, Json] = {
            "Description.Engine.EngineVersion": {node.hostname or node.id: node.engine_version for node in nodes}
        }
        majors = sorted({version.numbers[0] for version in versions.values() if version})
        if majors and _releases(majors[-1]) - _releases(majors[0]) >= _MOST:
            return failed(evidence, f"Major versions {majors[0]} to {majors[-1]}.")
        managers = {node.engine_version for node in nodes if node.role == "manager" and node.engine_version}
        if len(managers) > 1:
            return failed(evidence, "The managers differ.")
        return (
            passed(evidence) if all(versions.values()) else unknown("Some nodes do not tell their version.", evidence)
        )


def _releases(major: int) -> int:
    """Major versions counted as they were released."""
    return major - len(_LEFT_OUT) if major >= _LEFT_OUT.stop else major
