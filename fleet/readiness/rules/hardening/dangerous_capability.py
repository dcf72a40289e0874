"""Some capabilities are root by another name; adding one undoes most of what a container contains."""

from __future__ import annotations

from fleet.inventory.capabilities import DEFAULT
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

#: What each lets a process do to the host.
DANGEROUS = {
    "ALL": "everything below and more",
    "SYS_ADMIN": "mount file systems, and much else",
    "SYS_MODULE": "load code into the host's kernel",
    "SYS_PTRACE": "read and change other processes",
    "SYS_RAWIO": "write to disks and memory directly",
    "SYS_BOOT": "reboot the host",
    "SYS_TIME": "set the host's clock",
    "DAC_READ_SEARCH": "open any file of the host by its number",
    "NET_ADMIN": "rewrite routes, addresses and firewall rules",
    "BPF": "load programs into the host's kernel",
    "PERFMON": "watch the host's kernel and other processes",
    "MAC_ADMIN": "change the host's access rules",
    "SYSLOG": "read the kernel's log and addresses",
}
_OTHER = "more than the engine gives by itself"


class DangerousCapability(ContainerRule):
    """The container was given a power over the host that ordinary services do not need.

    What it looks at:
    HostConfig.CapAdd: ALL (then it is critical), SYS_ADMIN, SYS_MODULE, SYS_PTRACE, SYS_RAWIO, SYS_BOOT, SYS_TIME,
    DAC_READ_SEARCH, NET_ADMIN, BPF, PERFMON, MAC_ADMIN, SYSLOG, written with or without CAP_, in any case.
    Any other that the engine does not give by itself is medium, such as IPC_LOCK or SYS_NICE.
    A privileged container has all of them anyway, and a rule of its own: what it asks for besides is low.

    Why it matters:
    Capabilities are root's powers in pieces. The engine leaves a container fourteen harmless ones. Each of these opens
    a known way to the host: SYS_ADMIN can mount its disks, SYS_MODULE loads code into its kernel, DAC_READ_SEARCH
    opens any of its files, NET_ADMIN redirects traffic where the network is shared.

    How to fix:
    Drop them all and add back what the program asks for: --cap-drop ALL --cap-add NET_BIND_SERVICE. Start it and read
    its "operation not permitted" to learn the name. Instead of SYS_ADMIN for a mount, let the engine mount a volume;
    instead of SYS_TIME, let the host keep the time; instead of NET_ADMIN in the service, keep the VPN or firewall in a
    container of its own.

    What the fix may break:
    VPN, storage and monitoring agents may truly need one of them. Debuggers and profilers need SYS_PTRACE or PERFMON
    while somebody uses them: add it for that session only.

    References:
    - CIS Docker 1.6.0 5.4
    - OWASP Docker Security Cheat Sheet, rule 3
    - Kubernetes Pod Security Standards, baseline
    - Linux manual, capabilities(7)
    """

    title = "Dangerous capability added"
    good = "No capability that reaches the host was added."
    catalogue = "HRD-005"
    severity = Severity.HIGH
    facts = ("HostConfig.CapAdd", "HostConfig.Privileged")
    linux_only = True
    remedy = Remedy(
        docker="docker run --cap-drop ALL --cap-add NET_BIND_SERVICE …",
        compose="cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        privileged = subject.facts.privileged
        added = known(subject.facts.cap_add, "HostConfig.CapAdd")
        names = [name.upper().removeprefix("CAP_") for name in added]
        more = sorted(set(names) - DEFAULT)
        if not more and privileged:
            return not_applicable("A privileged container has every capability; see privileged-container.")
        if not more:
            return passed({"HostConfig.CapAdd": sorted(names)})
        if privileged:
            reason = "It is privileged and has every capability anyway; these stay when it no longer is."
            return failed({"HostConfig.CapAdd": sorted(names)}, reason, severity=Severity.LOW)
        dangerous = [name for name in more if name in DANGEROUS]
        reason = "; ".join(f"{name}: {DANGEROUS.get(name, _OTHER)}" for name in dangerous or more) + "."
        milder = None if dangerous else Severity.MEDIUM
        severity = Severity.CRITICAL if "ALL" in dangerous else milder
        return failed({"HostConfig.CapAdd": sorted(names)}, reason, severity=severity)
