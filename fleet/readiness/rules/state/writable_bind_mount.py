"""Data in a folder of the host belong to that host, and so does whoever writes them."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_ROLES = frozenset({"tool", "agent", "storage"})


class WritableBindMount(ContainerRule):
    """The container writes to a folder of the host.

    What it looks at:
    Mounts of type bind with RW true, and their Source. Sockets of an engine and sensitive paths have rules of their
    own and are named there as well.

    Why it matters:
    A path on one host exists there alone: the container cannot be started anywhere else with its data, and no volume
    driver, backup or label knows that they are data. Permissions on the host decide who else reads and writes them.

    How to fix:
    Use a named volume, or a volume of a driver that other hosts reach, too. Tools that work on the host itself say so
    with the label loadline.role=agent.

    What the fix may break:
    Scripts on the host that read the folder directly have to go through the volume; the data must be copied once.

    References:
    - Goes further than CIS Docker 5.6
    - https://docs.docker.com/engine/storage/bind-mounts/
    """

    title = "Data tied to a path of the host"
    good = "It writes to no folder of the host."
    catalogue = "STO-004"
    severity = Severity.MEDIUM
    facts = ("Mounts[].Type", "Mounts[].RW", "Mounts[].Source")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker run -v data:/data …", compose="volumes: [data:/data]   # top-level: volumes: {data: {}}"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        mounts = known(subject.facts.mounts, "Mounts")
        binds = {
            mount.destination: mount.source
            for mount in mounts
            if mount.kind == "bind" and known(mount.writable, "Mounts[].RW")
        }
        if not binds:
            return passed()
        if subject.roles & _ROLES:
            return not_applicable("Its role is to work on the host itself.")
        return failed({"Mounts[].Source": binds})
