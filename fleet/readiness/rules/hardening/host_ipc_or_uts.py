"""Sharing the host's memory segments or its name is sharing more than was meant."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class HostIpcOrUts(ContainerRule):
    """The container shares the host's namespace of shared memory or of the host name.

    What it looks at:
    HostConfig.IpcMode and HostConfig.UTSMode with the value host.

    Why it matters:
    With the host's IPC namespace a program reads and writes shared memory of every process on the host, databases
    among them. With its UTS namespace it can rename the host, which confuses logs and certificates.

    How to fix:
    Drop --ipc host and --uts host. Two containers that share memory with each other do so by --ipc container:NAME.

    What the fix may break:
    Monitoring agents and databases that exchange data through shared memory of the host.

    References:
    - CIS Docker 1.6.0 5.17
    - CIS Docker 1.6.0 5.21
    """

    title = "Host IPC or UTS namespace"
    good = "Its shared memory and its host name are its own."
    catalogue = "HRD-012"
    severity = Severity.MEDIUM
    facts = ("HostConfig.IpcMode", "HostConfig.UTSMode")
    linux_only = True
    remedy = Remedy(
        docker="docker run …   # without --ipc host and --uts host", compose="ipc: private   # and no uts: host"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        ipc = known(subject.facts.ipc_mode, "HostConfig.IpcMode")
        uts = known(subject.facts.uts_mode, "HostConfig.UTSMode")
        shared: dict[str, Json] = {}
        if ipc == "host":
            shared["HostConfig.IpcMode"] = ipc
        if uts == "host":
            shared["HostConfig.UTSMode"] = uts
        if not shared:
            return passed()
        numbers = tuple(n for n, there in (("5.17", ipc == "host"), ("5.21", uts == "host")) if there)
        return failed(shared, severity=Severity.HIGH if ipc == "host" else Severity.LOW, cis=numbers)
