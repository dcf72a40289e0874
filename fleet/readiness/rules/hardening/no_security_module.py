"""A host without AppArmor or SELinux has no fence behind the container's own walls."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

MODULES = ("apparmor", "selinux")


class NoSecurityModule(HostRule):
    """Neither AppArmor nor SELinux confines the containers of this host.

    What it looks at:
    SecurityOptions of the engine's info: it fails when they name neither apparmor nor selinux. SELinux is named only
    where the engine was also told to use it. Podman tells Docker's clients nothing of SELinux: without AppArmor
    it is unknown there.

    Why it matters:
    Namespaces and capabilities are one wall, and a hole in the kernel or in runc goes through it. The module is the
    second: it decides by what a process is, so it still stops root after an escape from mounting disks, writing to
    /proc or reading other containers' files. Without it the first hole is the last.

    How to fix:
    On Debian, Ubuntu and SUSE install apparmor, boot with it enabled (aa-status shows it) and restart the engine: it
    loads its docker-default profile by itself. On Red Hat and its relatives set SELinux to enforcing, install
    container-selinux and put "selinux-enabled": true into daemon.json. Virtual machines with a kernel that has neither
    need another kernel.

    What the fix may break:
    With SELinux, bind mounts without :z or :Z are refused until they are labelled. With AppArmor, programs that mount
    or trace inside a container need a profile of their own. Both need a restart of the host or of the engine.

    References:
    - Goes further than CIS Docker 5.2
    - Goes further than CIS Docker 5.3
    - NIST SP 800-190 4.5.1
    - Docker documentation, AppArmor security profiles for Docker
    """

    title = "Host without AppArmor or SELinux"
    good = "AppArmor or SELinux confines the host's containers."
    catalogue = "HRD-010"
    severity = Severity.MEDIUM
    facts = ("SecurityOptions",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="apt-get install apparmor && systemctl restart docker   # with SELinux: dockerd --selinux-enabled",
        compose='# daemon.json, where the host has SELinux\n{"selinux-enabled": true}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        options = known(host.security_options, "SecurityOptions")
        there = [name for name in MODULES if host.security_option(name) is not None]
        if there:
            return passed({"SecurityOptions": [f"name={name}" for name in there]})
        if host.kind == "podman":
            return uncollected("Podman tells Docker's clients nothing of SELinux.")
        return failed({"SecurityOptions": sorted(options)})
