"""A security module that is switched off for one container protects all the others."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_APPARMOR, _SELINUX = "5.2", "5.3"


class LsmProfileDisabled(ContainerRule):
    """AppArmor or SELinux is switched off for the container.

    What it looks at:
    apparmor=unconfined and label=disable in HostConfig.SecurityOpt, and AppArmorProfile of the container on a host
    whose SecurityOptions have AppArmor. The label=disable that --privileged and the host's own pid or ipc namespace
    bring along is theirs and is not counted. Asking for it on a host without the module is a failure, too, a small one.

    Why it matters:
    The profile is the wall behind the wall: it stops mounts, writes to /proc and the loading of modules even for a
    program that has become root. Switched off to make something work once, it stays off.

    How to fix:
    Take the option out. Where the program needs something that the profile forbids, write a profile that allows that
    alone.

    What the fix may break:
    Programs that mount file systems or trace others need a profile of their own.

    References:
    - CIS Docker 1.6.0 5.2
    - CIS Docker 1.6.0 5.3
    - OWASP Docker Security Cheat Sheet, rule 6
    """

    title = "AppArmor or SELinux switched off"
    good = "The host's security module confines it."
    catalogue = "HRD-009"
    severity = Severity.MEDIUM
    facts = ("HostConfig.SecurityOpt", "AppArmorProfile", "SecurityOptions")
    linux_only = True
    remedy = Remedy(
        docker="docker run --security-opt apparmor=docker-default …", compose="security_opt: [apparmor=docker-default]"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts, host = subject.facts, subject.around.host
        if known(facts.privileged, "HostConfig.Privileged"):
            return not_applicable("It is privileged, which another rule says.")
        options = [option.replace(":", "=") for option in known(facts.security_options, "HostConfig.SecurityOpt")]
        offered = known(host.security_options, "SecurityOptions")
        apparmor, selinux = (
            any("name=apparmor" in one for one in offered),
            any("name=selinux" in one for one in offered),
        )
        evidence: dict[str, Json] = {"HostConfig.SecurityOpt": options}
        if "apparmor=unconfined" in options:
            return failed(evidence, severity=None if apparmor else Severity.LOW, cis=(_APPARMOR,))
        if "label=disable" in options and "host" not in {facts.pid_mode, facts.ipc_mode}:
            return failed(evidence, severity=None if selinux else Severity.LOW, cis=(_SELINUX,))
        if not apparmor and not selinux:
            return not_applicable("The host has neither AppArmor nor SELinux, which another rule says.")
        if apparmor and facts.running:
            profile = known(facts.apparmor_profile, "AppArmorProfile")
            if profile in {"", "unconfined"}:
                return failed({"AppArmorProfile": profile}, cis=(_APPARMOR,))
        return passed()
