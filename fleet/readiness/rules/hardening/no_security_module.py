"""Without AppArmor or SELinux there is one wall around a container, and every hole is through it."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class NoSecurityModule(HostRule):
    """The host confines its containers by neither AppArmor nor SELinux.

    What it looks at:
    SecurityOptions of /info: name=apparmor or name=selinux.

    Why it matters:
    When a container's program becomes root and finds a way around its namespaces, the security module is what still
    says no. Several published escapes did not work on hosts that had one.

    How to fix:
    Install and enable AppArmor (Debian, Ubuntu, SUSE) or SELinux (RHEL and its kin), and for SELinux set
    selinux-enabled in daemon.json.

    What the fix may break:
    Bind mounts need the right labels with SELinux: the :z and :Z options of a mount set them.

    References:
    - Goes further than CIS Docker 5.2
    - NIST SP 800-190 4.5.1
    """

    title = "Host without a Linux security module"
    good = "AppArmor or SELinux confines its containers."
    catalogue = "HRD-010"
    severity = Severity.MEDIUM
    facts = ("SecurityOptions",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="apt-get install apparmor   # then reboot", compose='{ "selinux-enabled": true }')

    def judge(self, subject: HostSubject) -> Outcome:
        options = known(subject.facts.security_options, "SecurityOptions")
        found = [option for option in options if "name=apparmor" in option or "name=selinux" in option]
        if found:
            return passed({"SecurityOptions": found})
        if subject.facts.kind == "podman":
            return unknown("Podman does not tell of SELinux here.")
        return failed({"SecurityOptions": list(options)})
