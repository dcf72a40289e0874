"""NFS forgives nothing that its mount options allow."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, VolumeRule
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Severity

_TYPES = frozenset({"nfs", "nfs4", "cifs", "glusterfs", "ceph"})


class NetworkVolumeOptions(VolumeRule):
    """A network file system is mounted with options that lose writes, or a datastore sits on it.

    What it looks at:
    Options.type and Options.o of volumes of the local driver: soft mounts, a version of NFS before 4, and datastores
    among the containers that mount it. User names and passwords in the options are dropped before anything is stored.

    Why it matters:
    A soft mount answers a write with an error when the server is slow, and most programs take that for done. NFS 3
    keeps its locks in a separate service that forgets them. A database that syncs to such a mount breaks its promise.

    How to fix:
    Mount with hard and nfsvers=4 or later, and give a datastore block storage or a volume driver made for it.

    What the fix may break:
    With a hard mount processes wait, and cannot be killed, while the server is away.

    References:
    - https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options
    - nfs(5): soft and hard
    """

    title = "Network file system mounted so that it may lose writes"
    good = "It is mounted hard and with NFS 4, and no datastore sits on it."
    catalogue = "STO-011"
    severity = Severity.MEDIUM
    facts = ("Options.type", "Options.o")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker volume create -o type=nfs -o o=addr=nas,nfsvers=4,hard -o device=:/data data",
        compose="volumes: [data:/data]\n"
        '# top-level: volumes: {data: {driver_opts: {type: nfs, o: "addr=nas,nfsvers=4,hard", device: ":/data"}}}',
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        volume = subject.facts
        if known(volume.driver, "Driver") != "local":
            return not_applicable("Its driver is not local.")
        options = known(volume.options, "Options")
        kind = options.get("type", "")
        if kind not in _TYPES:
            return not_applicable("No network file system is behind it.")
        words = {word.strip() for word in options.get("o", "").split(",")}
        wrong: dict[str, Json] = {}
        if "soft" in words:
            wrong["Options.o"] = "soft"
        elif kind in {"nfs", "nfs4"} and kind != "nfs4" and not any(_version_4(word) for word in words):
            wrong["Options.o"] = "no nfsvers=4"
        stores = sorted(user.facts.name for user in subject.users if user.datastore)
        if stores:
            wrong["Mounts[].Name"] = stores
        return failed({"Options.type": kind, **wrong}) if wrong else passed({"Options.type": kind})


def _version_4(word: str) -> bool:
    name, _, value = word.partition("=")
    return name in {"nfsvers", "vers"} and value.startswith("4")
