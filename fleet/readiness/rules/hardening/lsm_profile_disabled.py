"""AppArmor and SELinux hold a container back even when it has broken out; switched off, they hold nothing."""

from __future__ import annotations

from collections.abc import Iterable

from fleet.inventory import ContainerFacts, HostFacts
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, uncollected, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_CIS = {"apparmor": "5.2", "selinux": "5.3"}
_SWITCHES = {
    "apparmor=unconfined": "apparmor",
    "apparmor:unconfined": "apparmor",
    "label=disable": "selinux",
    "label:disable": "selinux",
}
_BY_ENGINE = "label=disable"  # what the engine adds by itself: privileged, in the host's process or IPC namespace


class LsmProfileDisabled(ContainerRule):
    """The host's security module does not watch this container.

    What it looks at:
    Where the engine's SecurityOptions name AppArmor: the container's AppArmorProfile, which is docker-default unless
    somebody chose another one; empty and unconfined fail. And HostConfig.SecurityOpt for apparmor=unconfined and
    label=disable, which switches SELinux off. Asked for on a host that has no such module they change nothing today:
    then it is low.
    The engine adds label=disable by itself to containers in the host's process or IPC namespace; those are left to
    the rules about these namespaces. No module confines a privileged container, and it has a rule of its own: left out,
    but for apparmor=unconfined besides, which is low.

    Why it matters:
    The module is the last fence. It decides by what a process is, not by which user it runs as, so it still holds for
    root and after an escape: no mounts, no writes to /proc and /sys, no other container's files. Several escapes
    of the last years worked only on hosts without it.

    How to fix:
    Remove --security-opt apparmor=unconfined or label=disable. If the program then fails, the kernel's log names what
    was refused: put that into a profile of its own, load it with apparmor_parser and pass it by name, --security-opt
    apparmor=NAME. For a bind mount that SELinux refuses, add :z or :Z to the mount.

    What the fix may break:
    Programs that mount, trace or write kernel settings are refused until their profile allows it. :Z gives the mounted
    folder to this one container; do not use it on folders that the host or others need.

    References:
    - CIS Docker 1.6.0 5.2
    - CIS Docker 1.6.0 5.3
    - OWASP Docker Security Cheat Sheet, rule 6
    - Docker documentation, AppArmor security profiles for Docker
    """

    title = "Container that AppArmor or SELinux does not confine"
    good = "The host's security module confines the container."
    catalogue = "HRD-009"
    severity = Severity.MEDIUM
    facts = ("AppArmorProfile", "HostConfig.SecurityOpt", "SecurityOptions")
    linux_only = True
    remedy = Remedy(
        docker="docker run --security-opt apparmor=docker-default …   # without apparmor=unconfined or label=disable",
        compose="security_opt: [apparmor:docker-default]   # without apparmor:unconfined or label:disable",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts, host = subject.facts, subject.around.host
        options = known(facts.security_options, "HostConfig.SecurityOpt")
        shares = bool(facts.privileged) or facts.pid_mode == "host" or facts.ipc_mode == "host"
        asked = {one: _SWITCHES[one] for one in options if one in _SWITCHES and not (shares and one == _BY_ENGINE)}
        if asked:
            return _switched_off(sorted(asked), sorted(set(asked.values())), host, privileged=bool(facts.privileged))
        if facts.privileged:
            return not_applicable("No module confines a privileged container; see privileged-container.")
        known(host.security_options, "SecurityOptions")
        if host.security_option("apparmor") is not None:
            return _by_profile(facts)
        if host.security_option("selinux") is None:
            if host.kind == "podman":
                return uncollected("Podman tells Docker's clients nothing of SELinux.")
            return not_applicable("The host has no security module; see no-security-module.")
        if shares and _BY_ENGINE in options:
            return not_applicable("The engine switches SELinux off in the host's process or IPC namespace.")
        return passed({"SecurityOptions": "name=selinux"})


def _switched_off(options: list[str], modules: Iterable[str], host: HostFacts, *, privileged: bool) -> Outcome:
    there = host.security_options is None or any(host.security_option(name) is not None for name in modules)
    idle = "" if there else "The host has no such module, so it changes nothing today."
    if privileged:
        idle = "It is privileged, and no module confines it anyway."
    return failed(
        {"HostConfig.SecurityOpt": options},
        idle,
        severity=Severity.LOW if idle else None,
        cis=tuple(_CIS[name] for name in modules),
    )


def _by_profile(facts: ContainerFacts) -> Outcome:
    profile = known(facts.apparmor_profile, "AppArmorProfile")
    evidence: dict[str, Json] = {"AppArmorProfile": profile}
    if profile not in {"", "unconfined"}:
        return passed(evidence)
    if not profile and facts.state == "created":
        return unknown("The engine chooses the profile when the container starts.", evidence)
    return failed(evidence, cis=(_CIS["apparmor"],))
