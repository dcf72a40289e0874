"""A backup that nobody speaks of is one that nobody makes."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, VolumeRule
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Severity

_LABELS = ("backup.policy", "backup", "loadline.backup")
_NONE = frozenset({"", "none", "no", "false", "off"})


class NoBackupEvidence(VolumeRule):
    """A volume that a datastore writes to says nothing of a backup.

    What it looks at:
    The labels backup.policy, backup and loadline.backup, on the volume itself (Volume.Labels) and on the containers
    that write to it. A label says what is intended; that a backup ran and can be restored is beyond any engine, so a
    pass is a claim and says so.

    Why it matters:
    Volumes outlive containers and look safe for years. The day the disk fails is the day to find out that nobody had
    thought of this one, and replication has copied the deletion too.

    How to fix:
    Back the volume up, restore it once on another host, and label it with the schedule. Labels of a volume cannot be
    changed later: put the label on the container that writes to it instead.

    What the fix may break:
    A backup of files under a running database may be useless: use the database's own dump or stop its writes meanwhile.

    References:
    - Google SRE book, chapter 26: Data integrity
    - https://docs.docker.com/engine/storage/volumes/#back-up-restore-or-migrate-data-volumes
    """

    title = "Data volume without any word of a backup"
    good = "A label says how it is backed up."
    catalogue = "STO-013"
    severity = Severity.HIGH
    facts = ("Volume.Labels", "Config.Labels")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker volume create --label backup.policy=daily data",
        compose="labels: {backup.policy: daily}   # or top-level: volumes: {data: {labels: {backup.policy: daily}}}",
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        writers = [user for user in subject.users if _writes(user.facts.mounts, subject.facts.name)]
        stores = [user for user in writers if user.datastore]
        if not stores:
            return not_applicable("No datastore writes to it.")
        if all("cache" in user.roles for user in stores):
            return not_applicable("Its role is cache: nothing is lost with it.")
        sources = [known(subject.facts.labels, "Volume.Labels"), *(user.facts.labels or {} for user in stores)]
        for labels in sources:
            for key in _LABELS:
                if labels.get(key, "").strip().lower() not in _NONE:
                    return passed({key: labels[key]}, "Claimed by a label: it says what is intended, not what ran.")
        return failed({"Volume.Labels": {}}, f"{stores[0].facts.name} keeps its data there.")


def _writes(mounts: object, volume: str) -> bool:
    return any(mount.name == volume and mount.writable is not False for mount in mounts or ())  # type: ignore[attr-defined]
