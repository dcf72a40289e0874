"""Images and writable layers lie on the storage driver; a driver that was removed takes them along."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_REMOVED = {"aufs": "24.0", "overlay": "24.0", "devicemapper": "25.0"}
#: Each of the benchmark's items is about one driver.
_CIS = {"aufs": ("2.6",), "devicemapper": ("2.11",)}


class DeprecatedStorageDriver(HostRule):
    """The engine keeps images and containers on a storage driver that is removed, or not made for production.

    What it looks at:
    Driver and DriverStatus of /info. aufs, overlay and devicemapper are judged high, and so is any driver on a file
    system without d_type; vfs is judged medium; btrfs and zfs, which work but are rare, are for information. Podman's
    drivers of the same names are other programs and are left out.

    Why it matters:
    Engines from 24.0 (aufs, overlay) and 25.0 (devicemapper) do not start on such a data folder, so the host cannot be
    brought to a supported version without moving its images and containers. Without d_type, overlay leaves files behind
    that were deleted. vfs copies the whole image for every container: disks fill and starts are slow.

    How to fix:
    Push or docker save the images that exist only here, and copy the volumes. Stop the engine, set the driver to
    overlay2 in daemon.json, start it, pull the images and make the containers anew. On xfs, the file system needs
    ftype=1, which is set when it is made.

    What the fix may break:
    The engine shows none of the old images and containers under the new driver; the old ones stay on disk until they
    are deleted by hand. What containers wrote into their own layer is left behind, volumes are not.

    References:
    - CIS Docker 1.6.0 2.6
    - CIS Docker 1.6.0 2.11
    - https://docs.docker.com/engine/deprecated/
    - https://docs.docker.com/engine/storage/drivers/select-storage-driver/
    """

    title = "Deprecated storage driver"
    good = "The engine uses a current storage driver."
    catalogue = "RUN-010"
    severity = Severity.HIGH
    facts = ("Driver", "DriverStatus")
    linux_only = True
    remedy = Remedy(
        docker="docker save -o images.tar IMAGE …   # then stop the engine, set the driver, start it\n"
        "docker load -i images.tar",
        compose='# daemon.json\n{"storage-driver": "overlay2"}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        if host.kind == "podman":
            return not_applicable("Podman's storage drivers are other programs.")
        driver = known(host.storage_driver, "Driver")
        evidence: dict[str, Json] = {"Driver": driver}
        if driver in _REMOVED:
            return failed(evidence, f"Engines from {_REMOVED[driver]} do not start on it.", cis=_CIS.get(driver, ()))
        if (host.storage_status or {}).get("Supports d_type") == "false":
            evidence["DriverStatus"] = {"Supports d_type": "false"}
            return failed(evidence, "On a file system without d_type, deleted files come back.", cis=())
        if driver == "vfs":
            return failed(evidence, "vfs copies the whole image for every container.", severity=Severity.MEDIUM, cis=())
        if driver in {"btrfs", "zfs"}:
            return failed(evidence, f"{driver} works, but is rare and tested little.", severity=Severity.INFO, cis=())
        return passed(evidence)
