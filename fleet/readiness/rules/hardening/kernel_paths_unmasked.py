"""The engine hides and write-protects parts of /proc and /sys; without that a container can turn the host's knobs."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class KernelPathsUnmasked(ContainerRule):
    """The parts of /proc and /sys that belong to the host's kernel are open to this container.

    What it looks at:
    HostConfig.MaskedPaths and HostConfig.ReadonlyPaths: an empty list is what --security-opt systempaths=unconfined
    leaves. Privileged containers are left out: they have none of the two anyway, and a rule of their own. For a
    container that never started the engine may report neither list; then it is unknown.

    Why it matters:
    /proc/kcore is the host's memory, /proc/sys its settings, /proc/sysrq-trigger its reset button, and writing
    to /proc/sys/kernel/core_pattern runs a program on the host. The engine hides or write-protects these in every
    container. Without that, root in the container needs no exploit.

    How to fix:
    Remove --security-opt systempaths=unconfined. It is mostly there to run containers inside a container: use a
    rootless builder for that, or a virtual machine. A single kernel setting is passed with --sysctl.

    What the fix may break:
    Nested container engines and builders that mount their own /proc stop working until they run rootless or in a
    virtual machine.

    References:
    - Kubernetes Pod Security Standards, baseline (/proc mount type)
    - NIST SP 800-190 4.4.3
    - OCI runtime specification, maskedPaths and readonlyPaths
    """

    title = "Unmasked kernel paths"
    good = "The kernel's own paths in /proc and /sys are hidden or read-only."
    catalogue = "HRD-018"
    severity = Severity.HIGH
    facts = ("HostConfig.MaskedPaths", "HostConfig.ReadonlyPaths", "HostConfig.Privileged")
    linux_only = True
    remedy = Remedy(
        docker="docker run --sysctl net.core.somaxconn=1024 …   # without --security-opt systempaths=unconfined",
        compose="security_opt: []   # without systempaths=unconfined\nsysctls:\n  net.core.somaxconn: 1024",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if facts.privileged:
            return not_applicable("A privileged container has every path open; see privileged-container.")
        lists = {"HostConfig.MaskedPaths": facts.masked_paths, "HostConfig.ReadonlyPaths": facts.readonly_paths}
        evidence = {name: len(paths) for name, paths in lists.items() if paths is not None}
        if 0 in evidence.values():
            return failed({name: [] for name, count in evidence.items() if count == 0})
        if len(evidence) < len(lists) and facts.state == "created":
            return unknown("The engine reports these lists only once the container has started.")
        for name, paths in lists.items():
            known(paths, name)
        return passed(evidence)
