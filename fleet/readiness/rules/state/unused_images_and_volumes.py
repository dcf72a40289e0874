"""What nobody uses any more fills the disk that everybody shares."""

from __future__ import annotations

from datetime import timedelta

from fleet.readiness.findings import Json, Outcome, failed, known, passed
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_GIB = 1024**3
_MOST_BYTES = 20 * _GIB
_MOST_STOPPED = 25
_OLD = timedelta(days=30)


class UnusedImagesAndVolumes(HostRule):
    """Images, volumes and stopped containers that nobody uses take up the host.

    What it looks at:
    What /system/df calls reclaimable of images, asked for once a day; volumes that no container mounts and that are
    older than thirty days; and the number of stopped containers in State.Status. Free disk space is not in the
    engine's interface.

    Why it matters:
    A full disk stops writes of every container on the host at once, and the engine with them. Volumes nobody mounts
    may also be data that somebody believes to be in use. Old images are old holes, one docker run away.

    How to fix:
    Look at the volumes before anything is deleted. Remove images that have not been used for a month by a timer, and
    let containers that are run once be removed when they end.

    What the fix may break:
    A rollback needs the image that was pruned: it has to be pulled again. A volume that was removed is gone.

    References:
    - CIS Docker 1.6.0 6.1
    - CIS Docker 1.6.0 6.2
    """

    title = "Unused images, forgotten volumes and stopped containers"
    good = "Little on the host is unused."
    catalogue = "STO-014"
    severity = Severity.LOW
    facts = ("ImageUsage.Reclaimable", "Volumes", "State.Status")
    bound_to = ("Volumes",)
    remedy = Remedy(
        docker="docker image prune --all --filter until=720h",
        compose="# a timer on the host: docker image prune --all --force --filter until=720h",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        around = subject.around
        wrong: dict[str, Json] = {}
        mounted = {name for container in around.containers for name in container.volume_names}
        stopped = sum(1 for container in around.containers if container.state in {"exited", "dead", "created"})
        if stopped > _MOST_STOPPED:
            wrong["State.Status"] = f"more than {stopped // _MOST_STOPPED * _MOST_STOPPED} stopped containers"
        forgotten = sorted(
            name
            for name, volume in (around.volumes or {}).items()
            if name not in mounted and volume.created_at is not None and around.now - volume.created_at > _OLD
        )
        if forgotten:
            wrong["Volumes"] = forgotten[:20]
        usage = subject.facts.disk_usage
        if usage is not None and usage.images_reclaimable is not None and usage.images_reclaimable > _MOST_BYTES:
            wrong["ImageUsage.Reclaimable"] = f"more than {usage.images_reclaimable // _MOST_BYTES * 20} GiB"
        if wrong:
            return failed(wrong)
        known(around.volumes, "/volumes")
        known(usage and usage.images_reclaimable, "ImageUsage.Reclaimable")
        return passed()
