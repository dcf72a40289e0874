"""With shared propagation, what a container mounts appears on the host."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

SHARED = frozenset({"shared", "rshared"})


class SharedPropagation(ContainerRule):
    """What this container mounts below that path is mounted on the host as well.

    What it looks at:
    Mounts[].Propagation: shared and rshared fail; private, slave and their recursive forms pass.

    Why it matters:
    A mount point is normally the container's own affair. Shared, a mount made inside covers the host's folder for all
    programs and all other containers, with whatever the container put there, and one that the container removes is gone
    for them. With the capability to mount it replaces the host's files without writing to one of them.

    How to fix:
    Remove :shared or :rshared from the mount; rprivate is the engine's own choice. A container that only has to see
    what the host mounts later takes rslave. Storage agents that mount for others need it: keep those on a list of
    accepted risks with a name on it.

    What the fix may break:
    Volume drivers, FUSE and NFS mounters in containers serve nobody any more once their mounts stay inside. Containers
    that wait for such mounts see an empty folder.

    References:
    - CIS Docker 1.6.0 5.20
    - Docker documentation, Bind mounts: configure bind propagation
    - Linux kernel documentation, Shared Subtrees
    """

    title = "Mount that spreads to the host"
    good = "No mount of the container spreads to the host."
    catalogue = "HRD-017"
    severity = Severity.MEDIUM
    facts = ("Mounts[].Propagation",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run -v /srv/app:/data:rprivate …   # or rslave; without shared and rshared",
        compose=(
            "volumes:\n  - type: bind\n    source: /srv/app\n    target: /data\n    bind: {propagation: rprivate}"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        found = []
        for mount in known(subject.facts.mounts, "Mounts"):
            if mount.kind == "bind":
                known(mount.propagation, "Mounts[].Propagation")
            if mount.propagation in SHARED:
                found.append(f"{mount.source or mount.name}:{mount.destination}:{mount.propagation}")
        return failed({"Mounts[].Propagation": sorted(found)}) if found else passed()
