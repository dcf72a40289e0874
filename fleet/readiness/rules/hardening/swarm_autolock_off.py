"""Without autolock a stolen manager's disk opens the whole swarm."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class SwarmAutolockOff(HostRule):
    """The keys of the swarm's log and traffic lie open on this manager's disk.

    What it looks at:
    Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers in the engine's info, on managers; the key itself is never
    asked for. A manager that is locked right now passes. It does not apply to workers, which hold
    no keys of the swarm; of a node that is joining or broken it is unknown.

    Why it matters:
    A manager's log holds every secret and every key of the swarm, encrypted with a key that lies beside it. Whoever
    gets the disk, a backup or an old snapshot of the machine has them all and can join as a manager. With autolock
    that key is encrypted too, and the manager asks for the unlock key after each restart.

    How to fix:
    docker swarm update --autolock=true on one manager, once for the swarm. It prints the unlock key: put it into the
    password store at once, where at least two people reach it, and try docker swarm unlock on one manager.

    What the fix may break:
    After a restart a manager serves nothing until somebody, or a job with the key, unlocks it. With all managers down
    at the same time the swarm waits for people; running tasks go on. A lost key means building the swarm anew.

    References:
    - CIS Docker 1.6.0 7.5
    - Docker documentation, Lock your swarm to protect its encryption key
    """

    title = "Swarm without autolock"
    good = "The manager's keys are locked away when it is not running."
    catalogue = "HRD-022"
    severity = Severity.MEDIUM
    facts = (
        "Swarm.LocalNodeState",
        "Swarm.ControlAvailable",
        "Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers",
    )
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker swarm update --autolock=true",
        compose="# a setting of the whole swarm, in no file\n# docker swarm init --autolock for a new one",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = known(subject.facts.swarm, "Swarm")
        state = known(swarm.state, "Swarm.LocalNodeState")
        if state == "inactive":
            return not_applicable("The engine is in no swarm.")
        if state == "locked":
            return passed({"Swarm.LocalNodeState": state})
        if not known(swarm.control_available, "Swarm.ControlAvailable"):
            untold = "Only a working manager tells whether its swarm locks itself."
            return not_applicable(untold) if state == "active" else unknown(untold)
        field = "Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers"
        locks = known(swarm.autolock, field)
        return passed({field: locks}) if locks else failed({field: locks})
