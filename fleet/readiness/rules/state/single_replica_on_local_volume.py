"""One copy of the data on one disk is a question of when, not whether."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.members import data_volumes, family_of

_NETWORK_TYPES = frozenset({"nfs", "nfs4", "cifs", "glusterfs", "ceph"})


class SingleReplicaOnLocalVolume(ServiceRule):
    """A service that keeps data runs once, and its volume lies on that one host's disk.

    What it looks at:
    The running containers of the service, and of each volume they write to its Driver and Options: local without a
    network file system behind it stays on the host. A service of the families that replicate by themselves has a rule
    of its own.

    Why it matters:
    When the host dies the service is down until somebody has restored a backup, and everything since the last one is
    gone. With the disk goes the only copy.

    How to fix:
    Put the volume on storage that other hosts reach: a volume driver with replication, NFS, a block device of the
    cloud. Or let the program replicate itself, with each copy on a host of its own. A label backup.policy on the volume
    does not change this finding, but says what would be lost.

    What the fix may break:
    Network storage is slower and locks differently; a database needs it to be tested, and some forbid it.

    References:
    - https://docs.docker.com/engine/storage/volumes/#use-a-volume-driver
    - Google SRE book, chapter 26: Data integrity
    - https://kubernetes.io/docs/concepts/storage/volumes/#local
    """

    title = "Single replica on a volume of one host"
    good = "Losing one host does not lose the service's data."
    catalogue = "STO-006"
    severity = Severity.HIGH
    facts = ("Mounts[].Name", "Volume.Driver", "Volume.Options")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker volume create --driver NAME data   # a driver that other hosts reach",
        compose="volumes: [data:/data]\n"
        '# top-level: volumes: {data: {driver_opts: {type: nfs, o: "addr=nas,nfsvers=4,hard", device: ":/data"}}}',
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        running = subject.running
        stores = [member for member in running if member.datastore]
        if not stores:
            return not_applicable("Nothing of it that runs keeps data.")
        if family_of(stores, subject.tables.datastores) is not None and len(running) > 1:
            return not_applicable("It replicates by itself, which another rule looks at.")
        if "cache" in subject.roles:
            return not_applicable("Its role is cache: it loses nothing with its data.")
        if len(running) > 1:
            return passed({"replicas": len(running)}, "It runs more than once.")
        if not subject.all_hosts_answered:
            return unknown("Not every host answered, so another replica may run where nobody looks.")
        (only,) = running
        local: dict[str, Json] = {}
        for mount in data_volumes(only.facts, only.image, subject.tables.datastores):
            volume = known(only.volumes, "/volumes").get(mount.name or "")
            driver = (volume.driver if volume else None) or mount.driver
            options = (volume.options if volume else None) or {}
            if known(driver, "Volume.Driver") == "local" and options.get("type") not in _NETWORK_TYPES:
                local[mount.name or mount.destination] = {"Driver": driver, "host": only.host}
        return failed({"Volume.Driver": local}) if local else passed({"host": only.host})
