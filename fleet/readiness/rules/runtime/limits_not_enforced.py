"""A limit that the kernel does not enforce is a wish."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, passed
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

#: Ends of the engine's warnings that are about limits of memory, processes and processor time. It warns of more that no
#: rule about limits counts on, such as the weight of one disk or killing for lack of memory.
_MISSING = tuple(
    f"No {what} support"
    for what in (
        "memory limit",
        "swap limit",
        "pids limit",
        "cpu cfs quota",
        "cpu cfs period",
        "cpu shares",
        "cpuset",
    )
)


class LimitsNotEnforced(HostRule):
    """The kernel of the host cannot enforce limits on memory, swap, processes or processor time.

    What it looks at:
    MemoryLimit, SwapLimit, PidsLimit and CpuCfsQuota of /info, Warnings of the form "No … support" about such limits,
    and a CgroupDriver of none, which a rootless engine has where nobody delegated control groups to it.

    Why it matters:
    Containers are started with the limits that their files name, the engine accepts them, and nothing happens. One
    that leaks takes the whole host along, although every rule about limits passes.

    How to fix:
    Switch the controllers on: cgroup_enable=memory swapaccount=1 at boot on older kernels; on version 2 delegate the
    controllers to the engine's slice.

    What the fix may break:
    Containers that have outgrown their limits unseen are stopped by them from then on.

    References:
    - https://docs.docker.com/engine/install/linux-postinstall/
    - Goes further than CIS Docker 5.11
    """

    title = "Limits that the kernel does not enforce"
    good = "The kernel enforces every kind of limit."
    catalogue = "RUN-012"
    severity = Severity.HIGH
    facts = ("MemoryLimit", "SwapLimit", "PidsLimit", "CpuCfsQuota", "Warnings", "CgroupDriver")
    linux_only = True
    remedy = Remedy(
        docker='GRUB_CMDLINE_LINUX="cgroup_enable=memory swapaccount=1"   # then update-grub and reboot',
        compose="# the host's boot parameters, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        flags = {
            "MemoryLimit": host.memory_limit,
            "SwapLimit": host.swap_limit,
            "PidsLimit": host.pids_limit,
            "CpuCfsQuota": host.cpu_cfs_quota,
        }
        wrong: dict[str, Json] = {name: value for name, value in flags.items() if value is False}
        said = [text for text in host.warnings or () if any(text.endswith(words) for words in _MISSING)]
        if said:
            wrong["Warnings"] = said
        if host.cgroup_driver == "none":
            wrong["CgroupDriver"] = "none"
        if wrong:
            return failed(wrong)
        for name, value in flags.items():
            known(value, name)
        return passed(dict(flags))
