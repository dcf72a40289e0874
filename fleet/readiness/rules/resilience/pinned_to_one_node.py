"""A service that may run on one node alone is down with it, in the middle of a cluster."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.members import family_of

_NAMES = ("node.hostname==", "node.id==")


class PinnedToOneNode(ServiceRule):
    """A placement constraint names the one node that the service may run on.

    What it looks at:
    Placement.Constraints of the swarm service: node.hostname== and node.id==. Members of a replicated datastore, each
    with a node of its own, are left out.

    Why it matters:
    When that node is drained or dies, the swarm has eleven others and must not use them.

    How to fix:
    Constrain by a label that several nodes carry, such as node.labels.disk==ssd. Where the data are the reason, move
    them to storage that several nodes reach.

    What the fix may break:
    The service may start where its data or its hardware are not: label only nodes that have them.

    References:
    - https://docs.docker.com/reference/cli/docker/service/create/#constraint
    """

    title = "Pinned to one node"
    good = "It may run on several nodes."
    catalogue = "RES-017"
    severity = Severity.MEDIUM
    facts = ("Placement.Constraints",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker service update --constraint-rm node.hostname==NODE --constraint-add node.labels.disk==ssd …",
        compose="deploy: {placement: {constraints: [node.labels.disk==ssd]}}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        if subject.swarm is None:
            return not_applicable("It is no swarm service.")
        if family_of(subject.running, subject.tables.datastores):
            return not_applicable("It is a member of a replicated datastore, with a node of its own.")
        pins = [text for text in subject.swarm.constraints or () if text.replace(" ", "").startswith(_NAMES)]
        return failed({"Placement.Constraints": pins}) if pins else passed()
