"""A database in memory forgets everything when its container stops, and fails when the memory is full."""

from __future__ import annotations

from fleet.inventory import Mount
from fleet.inventory.places import TMPFS, Place, place_of, within
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

#: Where a tmpfs is good practice and no datastore keeps its data.
_SCRATCH = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm")  # noqa: S108 - a container's own paths


class DatastoreOnTmpfs(ContainerRule):
    """A datastore's data directory is a tmpfs: memory that is gone when the container stops.

    What it looks at:
    HostConfig.Tmpfs, Mounts of type tmpfs, and volumes whose Options.type is tmpfs, against the data directory: the
    label loadline.data-directory of the container, else the volumes that the image declares, else the usual directory
    of a known image. Containers without a sign of keeping data are left out, and so are those labelled
    loadline.role=cache, ephemeral or test.

    Why it matters:
    A restart of the container, an update or a reboot of the host empties the datastore without any error. Until then
    its data count against the container's memory, so that a growing table ends in an out-of-memory kill. Such mounts
    come from test setups, where they are right, and reach production by copying.

    How to fix:
    Replace the tmpfs by a named volume. The data are still there while the container runs: dump them with the
    database's own tools before it stops, and load them into the new container.
    Where losing them is fine, say so with the label loadline.role=cache.

    What the fix may break:
    Writes become as slow as the disk. A volume keeps its data over restarts, which tests that counted on an empty
    database do not expect.

    References:
    - https://docs.docker.com/engine/storage/tmpfs/
    - https://docs.docker.com/reference/cli/docker/volume/create/#opt
    """

    title = "Datastore on tmpfs"
    good = "No data directory of the datastore is a tmpfs."
    catalogue = "STO-012"
    severity = Severity.CRITICAL
    facts = ("HostConfig.Tmpfs", "Mounts", "Volume.Options.type", "Config.Volumes", "Config.Image")
    core_gate = True
    remedy = Remedy(
        docker="docker run -v pgdata:/var/lib/postgresql/data …   # instead of --tmpfs /var/lib/postgresql/data",
        compose="# remove tmpfs: /var/lib/postgresql/data\nvolumes: [pgdata:/var/lib/postgresql/data]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.roles & {"cache", "ephemeral", "test"}:
            return not_applicable("What it keeps may be lost: its label loadline.role says so.")
        store = subject.datastore
        if store is None:
            known(subject.facts.exposed_ports, "Config.ExposedPorts")  # without them a renamed one goes unnoticed
            return not_applicable("Nothing suggests that the container keeps data.")
        if not store.directories:
            return _anywhere(subject, store.name)
        places = {path: known(place_of(subject.facts, path), "Mounts") for path in store.directories}
        in_memory = [path for path, place in places.items() if _in_memory(place, subject)]
        evidence = {"Mounts": {path: _told(place) for path, place in places.items()}}
        if in_memory:
            return failed(evidence, f"{store.name} keeps data in {', '.join(in_memory)}, which is memory.")
        return passed(evidence)


def _anywhere(subject: ContainerSubject, name: str) -> Outcome:
    """Without a known data directory: no tmpfs at all, or scratch ones only, is still a pass."""
    facts = subject.facts
    mounts = known(facts.mounts, "Mounts")
    tmpfs = [
        *known(facts.tmpfs, "HostConfig.Tmpfs"),
        *(mount.destination for mount in mounts if _in_memory(Place(mount.kind, mount), subject)),
    ]
    odd = sorted(path for path in tmpfs if not any(within(path, scratch) for scratch in _SCRATCH))
    if not odd:
        return passed({"HostConfig.Tmpfs": sorted(tmpfs)})
    return unknown(
        f"It exposes a port of {name}, but whether {', '.join(odd)} holds its data is not known; "
        "name the directory in the label loadline.data-directory.",
        {"HostConfig.Tmpfs": odd},
    )


def _in_memory(place: Place, subject: ContainerSubject) -> bool:
    if place.kind != "volume" or place.mount is None:
        return place.kind == TMPFS
    if place.mount.driver not in {"local", None}:
        return False
    volumes = known(subject.around.volumes, "/volumes")
    volume = known(volumes.get(known(place.mount.name, "Mounts[].Name")), f"the volume {place.mount.name}")
    return (volume.options or {}).get("type") == TMPFS  # the engine says null for a volume without options


def _told(place: Place) -> str:
    mount: Mount | None = place.mount
    return f"{place.kind} {mount.name}" if mount and mount.name else place.kind
