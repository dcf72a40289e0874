"""Two programs that write the same files without knowing of each other corrupt them sooner or later."""

from __future__ import annotations

from fleet.inventory.identity import identify
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import Remedy, VolumeRule
from fleet.readiness.subjects import ContainerSubject, VolumeSubject
from fleet.readiness.vocabulary import Severity

_SHARED = "shared"


class VolumeSharedByServices(VolumeRule):
    """Several running containers write to one local volume: of different services, or copies of one datastore.

    What it looks at:
    Mounts of every running container on the host: those that have this volume, with RW true. Readers do not count, and
    neither do copies of one service that is no datastore. A volume labelled loadline.role=shared is left out: its
    owners have decided to share files that way.

    Why it matters:
    A local volume is a plain folder without any locking between those who mount it. Two database processes on one data
    directory destroy it. Services that hand each other files there depend on each other's versions and on being on the
    same host, which nothing in their definitions says, and none of them can be moved or restored alone.

    How to fix:
    Give each writer a volume of its own; in swarm, one per replica by a template in the volume's name. Let services
    exchange data through an interface, or let one write and the others mount it read-only.
    Where the sharing is meant, label the volume loadline.role=shared when it is created.

    What the fix may break:
    Whatever went through the shared folder needs another way. The data must be split: decide who owns which files
    before the new volumes are filled.

    References:
    - https://docs.docker.com/engine/storage/volumes/#share-data-between-machines
    - https://docs.docker.com/reference/cli/docker/service/create/#create-services-using-templates
    """

    title = "Local volume written by several containers"
    good = "One service at most writes to the volume."
    catalogue = "STO-008"
    severity = Severity.HIGH
    facts = ("Driver", "Mounts[].Name", "Mounts[].RW", "State.Status", "Volume.Labels")
    remedy = Remedy(
        docker="docker run -v orders-data:/data:ro …   # all but one of them\n"
        "docker service create --mount source=data-{{.Task.Slot}},target=/data …",
        compose='volumes: ["orders-data:/data:ro"]   # all but one of them',
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        volume = subject.facts
        if known(volume.driver, "Driver") != "local":
            return not_applicable("Other drivers have rules of their own for sharing.")
        if (volume.labels or {}).get("loadline.role") == _SHARED:
            return not_applicable("Its label loadline.role says that it is shared on purpose.")
        writers = [user for user in subject.users if user.facts.running and _writes(user, volume.name)]
        evidence: dict[str, Json] = {"Mounts[].RW": {user.facts.name: _service(user) for user in writers}}
        services = sorted({_service(user) for user in writers})
        if len(services) > 1:
            return failed(evidence, f"Written by {', '.join(services)}.")
        stores = [user for user in writers if user.datastore]
        if len(stores) > 1:
            return failed(evidence, f"{len(stores)} copies of the datastore {services[0]} write to the same files.")
        return passed(evidence)


def _writes(user: ContainerSubject, volume: str) -> bool:
    mounts = [mount for mount in known(user.facts.mounts, "Mounts") if mount.name == volume]
    return any(known(mount.writable, "Mounts[].RW") for mount in mounts)


def _service(user: ContainerSubject) -> str:
    return user.service or identify(user.facts).service
