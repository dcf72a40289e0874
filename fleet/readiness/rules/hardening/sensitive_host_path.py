"""A mount of a system path lets a container read or rewrite what the host runs on."""

from __future__ import annotations

from typing import Any

from fleet.inventory import Mount
from fleet.inventory.paths import is_engine_socket, is_system_area, sensitive_area
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class SensitiveHostPath(ContainerRule):
    """A path that the host itself depends on is mounted into the container.

    What it looks at:
    Mounts[].Source of bind mounts: /, /boot, /dev, /etc, /lib, /proc, /sys, /usr, /root, /home, /run, the data folders
    of the engine and of containerd, whatever lies in one of them and whatever holds one of them (/var holds
    /var/lib/docker). Well-known links are resolved: /var/run is /run. When every such mount is read-only it is high
    instead of critical. From /root on, the list is longer than that of CIS, and such a mount violates no item of it.
    Left out: /etc/localtime and /dev/shm, and read-only /etc/ssl/certs, /etc/timezone and /usr/share/zoneinfo. A mount
    of the engine's socket itself is the business of engine-socket-mounted; local volumes that hide a bind mount have a
    rule of their own.

    Why it matters:
    With /etc writable a break-in adds a user or a cron job, with /root or /home an SSH key, with /usr a program, with
    the engine's data folder any file of any container. That is the host, without an exploit. Read-only it still hands
    out password hashes, private keys and the configuration of everything else.

    How to fix:
    Mount the one file or folder that is needed, read-only: -v /srv/app/app.conf:/etc/app.conf:ro. Keep data that the
    service owns in a named volume or under /srv, not in a home directory. Pass devices with --device, secrets with
    secrets, the time zone with the TZ variable. Agents that watch the host (node metrics, log shippers) take
    read-only mounts and belong on a list of accepted risks with a name on it.

    What the fix may break:
    Programs that write into the mount stop when it becomes read-only. A named volume starts empty, or with the image's
    own content: copy the data over before the switch.

    References:
    - CIS Docker 1.6.0 5.6
    - NIST SP 800-190 4.5.5
    - Kubernetes Pod Security Standards, baseline (hostPath volumes)
    """

    title = "Sensitive host path mounted"
    good = "No path that the host depends on is mounted into the container."
    catalogue = "HRD-003"
    severity = Severity.CRITICAL
    facts = ("Mounts[].Type", "Mounts[].Source", "Mounts[].RW", "DockerRootDir")
    stages = EVERYWHERE
    core_gate = True
    linux_only = True
    remedy = Remedy(
        docker="docker run -v /srv/app/app.conf:/etc/app.conf:ro -v app-data:/data …   # instead of -v /etc:/etc",
        compose="volumes:\n  - /srv/app/app.conf:/etc/app.conf:ro\n  - app-data:/data",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        mounts = known(subject.facts.mounts, "Mounts")
        areas = [(mount, area) for mount in mounts if (area := _area(mount, subject.around.host.root_dir))]
        if not areas:
            return passed()
        sensitive = [mount for mount, _ in areas]
        evidence = {"Mounts[]": [_shown(mount) for mount in sensitive]}
        cis = None if any(is_system_area(area) for _, area in areas) else ()
        if all(mount.writable is False for mount in sensitive):
            return failed(evidence, "Every such mount is read-only.", severity=Severity.HIGH, cis=cis)
        return failed(evidence, cis=cis)


def _area(mount: Mount, root_dir: str | None) -> str | None:
    if mount.kind != "bind":
        return None
    source = known(mount.source, "Mounts[].Source")
    if is_engine_socket(source):
        return None
    return sensitive_area(source, writable=mount.writable is not False, root_dir=root_dir)


def _shown(mount: Mount) -> dict[str, Any]:
    return {"Source": mount.source, "Destination": mount.destination, "RW": mount.writable}
