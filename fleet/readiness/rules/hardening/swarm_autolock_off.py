"""The keys of a swarm lie beside what they lock."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class SwarmAutolockOff(HostRule):
    """The managers of the swarm start without a key, because the key lies on their own disk.

    What it looks at:
    Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers of /info. The key itself is never asked for.

    Why it matters:
    Whoever copies a manager's disk or its backup has the cluster's log with all secrets in it, and the key to read
    them.

    How to fix:
    Switch autolock on and keep the key in a vault. After a restart each manager has to be unlocked by somebody.

    What the fix may break:
    Managers do not come back by themselves after a reboot; with enough of them down the swarm waits for people.

    References:
    - CIS Docker 1.6.0 7.5
    """

    title = "Swarm managers without autolock"
    good = "A manager's disk is of no use without the unlock key."
    catalogue = "HRD-022"
    severity = Severity.MEDIUM
    facts = ("Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker swarm update --autolock=true", compose="# the cluster, not the compose file")

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = subject.facts.swarm
        if swarm is None or swarm.state in {None, "inactive"}:
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return unknown("Only a manager tells.")
        locked = known(swarm.autolock, "AutoLockManagers")
        evidence = {"Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers": locked}
        return passed(evidence) if locked else failed(evidence)
