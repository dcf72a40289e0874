"""The first version of control groups is leaving kernels, distributions and engines."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class CgroupV1(HostRule):
    """The host limits its containers by control groups version 1.

    What it looks at:
    CgroupVersion of /info, which engines tell from API 1.41 on.

    Why it matters:
    Docker has called version 1 deprecated since 29 and supports it until May 2029; systemd and new distributions have
    dropped it. Version 2 counts memory and pressure correctly and makes rootless limits possible.

    How to fix:
    Boot with systemd.unified_cgroup_hierarchy=1, or upgrade the distribution.

    What the fix may break:
    Programs that read limits from the old paths below /sys/fs/cgroup, such as old Java versions, see none.

    References:
    - docker/cli deprecated.md: cgroup v1, deprecated v29
    - https://docs.kernel.org/admin-guide/cgroup-v2.html
    """

    title = "Control groups version 1"
    good = "The host uses control groups version 2."
    catalogue = "RUN-011"
    severity = Severity.MEDIUM
    facts = ("CgroupVersion",)
    linux_only = True
    remedy = Remedy(
        docker='GRUB_CMDLINE_LINUX="systemd.unified_cgroup_hierarchy=1"   # then update-grub and reboot',
        compose="# the host's boot parameters, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        version = known(subject.facts.cgroup_version, "CgroupVersion")
        evidence = {"CgroupVersion": version}
        if version == "1":
            return failed(evidence)
        return passed(evidence) if version == "2" else unknown("This is no version that is known here.", evidence)
