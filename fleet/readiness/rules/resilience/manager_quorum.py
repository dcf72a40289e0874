"""A swarm without a majority of its managers runs on and obeys nobody."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_FEWEST = 3


class ManagerQuorum(HostRule):
    """The swarm has one or two managers, an even number, or is one loss away from having no majority.

    What it looks at:
    Swarm.Managers of /info, and ManagerStatus.Reachability of the nodes. The finding is on a manager.

    Why it matters:
    Changes need a majority of managers. With one or two, the loss of one stops all of them: tasks that fail are not
    started again, nothing can be deployed, and getting out of it means forcing a new cluster by hand.

    How to fix:
    Run three or five managers in different failure domains: promote a worker, or demote one where the number is even.

    What the fix may break:
    A worker that is promoted holds the keys of the whole cluster from then on.

    References:
    - CIS Docker 1.6.0 7.1
    - https://docs.docker.com/engine/swarm/admin_guide/
    """

    title = "Quorum of swarm managers at risk"
    good = "The swarm survives the loss of a manager."
    catalogue = "RES-021"
    severity = Severity.HIGH
    facts = ("Swarm.Managers", "ManagerStatus.Reachability")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker node promote NODE", compose="# the cluster's managers, not the compose file")

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = subject.facts.swarm
        if swarm is None or swarm.state in {None, "inactive"}:
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return not_applicable("A manager of the swarm is asked instead; this is a worker.")
        managers = known(swarm.managers, "Swarm.Managers")
        evidence: dict[str, Json] = {"Swarm.Managers": managers}
        if managers < _FEWEST:
            return failed(evidence, "The loss of one manager stops all changes.")
        if managers % 2 == 0:
            return failed(evidence, "An even number survives no more than the odd one below.")
        listed = [node for node in subject.around.nodes or () if node.role == "manager"]
        away = sorted(node.hostname or node.id for node in listed if node.reachability not in {None, "reachable"})
        if listed and managers - len(away) <= managers // 2 + 1:
            lost = {**evidence, "ManagerStatus.Reachability": {"not reachable": away}}
            return failed(lost, "The next loss stops all changes.", cis=())
        return passed(evidence)
