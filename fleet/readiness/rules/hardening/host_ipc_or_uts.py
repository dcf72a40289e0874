"""Shared memory and the host's name are the host's own; a container that shares them is less apart than it looks."""

from __future__ import annotations

from fleet.inventory.namespaces import joined
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class HostIpcOrUts(ContainerRule):
    """The container shares the host's memory segments or the host's name.

    What it looks at:
    HostConfig.IpcMode: "host" is high. A container that shares the segments of another one (container:NAME) fails
    when that one is in the host's namespace. HostConfig.UTSMode: "host" is low. "shareable", "private" and "none" pass.

    Why it matters:
    In the host's IPC namespace every process sees the shared memory, semaphores and queues of every program on the
    host: databases and browsers keep their data there, unencrypted. In the host's UTS namespace a container with the
    right capability renames the host, and logs, certificates and cluster members no longer fit.

    How to fix:
    Remove --ipc host and --uts host. Programs that only need more shared memory get it by --shm-size 1g; two containers
    that talk through it share one namespace of their own: --ipc shareable on the first, --ipc container:NAME on the
    second. For a name use --hostname.

    What the fix may break:
    Programs split over host and container that exchange data through shared memory lose sight of each other. Licences
    bound to the host's name need --hostname with that name.

    References:
    - CIS Docker 1.6.0 5.17
    - CIS Docker 1.6.0 5.21
    - NIST SP 800-190 4.4.3
    - Kubernetes Pod Security Standards, baseline (host namespaces)
    """

    title = "Host IPC or UTS namespace"
    good = "Shared memory and host name are the container's own."
    catalogue = "HRD-012"
    severity = Severity.MEDIUM
    facts = ("HostConfig.IpcMode", "HostConfig.UTSMode")
    linux_only = True
    remedy = Remedy(
        docker="docker run --shm-size 1g --hostname web …   # without --ipc host and --uts host",
        compose="ipc: private   # without uts: host\nshm_size: 1g\nhostname: web",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        ipc = known(subject.facts.ipc_mode, "HostConfig.IpcMode")
        uts = known(subject.facts.uts_mode, "HostConfig.UTSMode")
        evidence = {"HostConfig.IpcMode": ipc, "HostConfig.UTSMode": uts}
        other = joined(ipc, subject.around.containers)
        through = other is not None and other.ipc_mode == "host"
        shares_ipc, shares_uts = ipc == "host" or through, uts == "host"
        if not (shares_ipc or shares_uts):
            return passed(evidence)
        return failed(
            evidence,
            f"It shares the segments of {other.name}, which is in the host's namespace." if other and through else "",
            severity=Severity.HIGH if shares_ipc else Severity.LOW,
            cis=("5.17",) * shares_ipc + ("5.21",) * shares_uts,
        )
