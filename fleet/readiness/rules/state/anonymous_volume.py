"""A volume without a name is a volume nobody will find again."""

from __future__ import annotations

import re

from fleet.inventory import Mount
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_GENERATED = re.compile(r"^[0-9a-f]{64}$")
_LABEL = "com.docker.volume.anonymous"


class AnonymousVolume(ContainerRule):
    """The container writes into a volume that the engine made and named by itself.

    What it looks at:
    Mounts of type volume that can be written, whose name is 64 hexadecimal digits or whose volume carries the label
    com.docker.volume.anonymous (engines from 23.0). HostConfig.AutoRemove makes it critical: --rm deletes such volumes
    together with the container. A container labelled loadline.role=cache is left out.

    Why it matters:
    The engine makes such a volume for every VOLUME line of the image that no mount covers. A new container, after an
    update for instance, gets a new and empty one, and the data stay behind under a name that says nothing, until
    docker volume prune or docker rm -v deletes them for good. Backups that go by name do not know it.

    How to fix:
    Mount a named volume on the same path. To carry the data over, stop the container and copy from the old volume to
    the new: docker run --rm -v OLDNAME:/from -v data:/to alpine cp -a /from/. /to/
    Directories that need no keeping, such as an image's cache or log folder, can be a tmpfs instead.

    What the fix may break:
    The container must be made anew. A named volume stays after docker compose down and docker rm, so disks fill with
    what used to be cleaned up by itself.

    References:
    - https://docs.docker.com/engine/storage/volumes/#named-and-anonymous-volumes
    - https://github.com/moby/moby/blob/master/volume/service/service.go (AnonymousLabel)
    """

    title = "Data kept in an anonymous volume"
    good = "Every volume that the container writes has a name of its own."
    catalogue = "STO-002"
    severity = Severity.HIGH
    facts = ("Mounts", "HostConfig.AutoRemove", "Volume.Labels")
    remedy = Remedy(
        docker="docker run -v data:/var/lib/postgresql/data …   # a name before the colon",
        compose="volumes: [data:/var/lib/postgresql/data]   # top-level: volumes: {data: {}}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if "cache" in subject.roles:
            return not_applicable("What it keeps may be lost: its label loadline.role says so.")
        mounts = known(subject.facts.mounts, "Mounts")
        volumes = [mount for mount in mounts if mount.kind == "volume" and known(mount.writable, "Mounts[].RW")]
        if not volumes:
            return not_applicable("The container writes to no volume.")
        nameless = [mount for mount in volumes if _anonymous(mount, subject)]
        if not nameless:
            return passed({"Mounts[].Name": [mount.name for mount in volumes]})
        evidence = {"Mounts": {mount.destination: mount.name for mount in nameless}}
        paths = ", ".join(mount.destination for mount in nameless)
        if known(subject.facts.auto_remove, "HostConfig.AutoRemove"):
            return failed(
                {**evidence, "HostConfig.AutoRemove": True},
                f"What is written to {paths} is deleted when the container stops.",
                severity=Severity.CRITICAL,
            )
        return failed(evidence, f"What is written to {paths} is left behind by the next container.")


def _anonymous(mount: Mount, subject: ContainerSubject) -> bool:
    name = known(mount.name, "Mounts[].Name")
    volume = (subject.around.volumes or {}).get(name)
    labelled = volume is not None and _LABEL in (volume.labels or {})
    return labelled or bool(_GENERATED.match(name))
