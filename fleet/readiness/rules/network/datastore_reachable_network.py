"""A datastore that needs no outside should have no way there."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class DatastoreReachableNetwork(ContainerRule):
    """A datastore has only networks that lead outside, none that is internal.

    What it looks at:
    Internal of every network in NetworkSettings.Networks of a container that keeps data: known image, declared data
    directory or the port of a datastore.

    Why it matters:
    From a network that routes outside, a stolen query can carry the data out, and an image with a back door can call
    home. An internal network has no route to the outside at all, whatever is started on it.

    How to fix:
    Make an internal network for the datastore and its callers and attach both to it. A datastore that has to reach out,
    for backups or replication, says so with the label loadline.role=outbound.

    What the fix may break:
    Plugins, licence servers and backups that the datastore reaches over the network stop working.

    References:
    - NIST SP 800-190 4.4.2
    - OWASP Docker Security Cheat Sheet, rule 5
    """

    title = "Datastore on networks that all lead outside"
    good = "The datastore is on an internal network."
    catalogue = "NET-009"
    severity = Severity.LOW
    facts = ("Network.Internal", "NetworkSettings.Networks")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker run --network data …   # after: docker network create --internal data",
        compose="networks: [data]   # top-level: networks: {data: {internal: true}}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.datastore is None:
            return not_applicable("It keeps no data.")
        if "outbound" in subject.roles:
            return not_applicable("Its role is outbound: it has to reach out.")
        attachments = known(subject.facts.networks, "NetworkSettings.Networks")
        mode = subject.facts.network_mode or ""
        if mode in {"host", "none"} or mode.startswith("container:"):
            return not_applicable(f"Its network mode is {mode}.")
        networks = known(subject.around.networks, "/networks")
        seen = [networks.get(one.network_id or "") or networks.get(one.name) for one in attachments]
        evidence = {"Network.Internal": {one.name: one.internal for one in seen if one is not None}}
        if any(one is not None and one.internal for one in seen):
            return passed(evidence)
        for one in seen:
            known(one and one.internal, "Network.Internal")
        return failed(evidence) if seen else passed(evidence)
