"""Two machines with one identity are one machine in every list that goes by it."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class UnknownOrClonedHost(HostRule):
    """Another registered host reports the same engine id, as clones of one machine do.

    What it looks at:
    ID of /info, compared over all registered hosts. Every host that Loadline sees has been registered by somebody, so
    none is unknown to it.

    Why it matters:
    The id is made once and copied with the disk. Clones share keys and names besides, and tools that count by the id
    take two machines for one. One machine registered twice counts every container twice.

    How to fix:
    On a clone stop the engine, remove /etc/docker/key.json or engine-id, and start it again. Remove a host that was
    registered twice.

    What the fix may break:
    A node of a swarm has to leave and join again.

    References:
    - NIST SP 800-190 4.4.5
    """

    title = "Engine id that another host reports, too"
    good = "Its engine id is its own."
    catalogue = "OWN-006"
    severity = Severity.MEDIUM
    facts = ("ID",)
    remedy = Remedy(
        docker="systemctl stop docker && rm /etc/docker/key.json /var/lib/docker/engine-id && systemctl start docker",
        compose="# the host, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        identity = known(subject.facts.engine_id, "ID")
        twins = subject.around.twins
        if twins:
            return failed({"ID": identity, "hosts": list(twins)}, severity=Severity.HIGH)
        return passed({"ID": identity})
