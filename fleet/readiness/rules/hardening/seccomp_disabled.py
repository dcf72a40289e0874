"""The seccomp filter keeps rarely used system calls, where kernel holes live, out of a container's reach."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class SeccompDisabled(ContainerRule):
    """No filter stands between this container and the kernel's system calls.

    What it looks at:
    HostConfig.SecurityOpt for seccomp=unconfined (or seccomp:unconfined), and the engine's own SecurityOptions: where
    they name no seccomp at all, the kernel or the engine was built without it; where they say profile=unconfined, no
    container has a filter unless it brings one. A profile of the container's own passes; only its fingerprint is
    kept. A privileged container runs without a filter anyway, and has a rule of its own: there it is low to ask for it.

    Why it matters:
    A container talks to the host's kernel directly. The default profile closes about forty of some three hundred
    calls, those that hardly any program uses: loading modules, mounting, tracing, key rings. Most kernel holes
    of the last years that led out of containers went through one of them.

    How to fix:
    Remove --security-opt seccomp=unconfined. If the program then fails with "operation not permitted", find the
    call it needs (strace -f -c, or the audit log's SECCOMP lines), add it to a copy of the engine's default profile and
    pass that: --security-opt seccomp=/etc/docker/seccomp/app.json. It was often set for an old engine: newer default
    profiles know newer calls, so update the engine first.
    For the whole host: remove "seccomp-profile": "unconfined" from daemon.json.

    What the fix may break:
    Browsers with their own sandbox, debuggers and very new C libraries on very old engines use calls that the default
    profile refuses. The profile is read when the container is created: recreate it after each change.

    References:
    - CIS Docker 1.6.0 5.22
    - CIS Docker 1.6.0 2.17
    - OWASP Docker Security Cheat Sheet, rule 6
    - NIST SP 800-190 4.4.3
    - Docker documentation, Seccomp security profiles for Docker
    """

    title = "Container without seccomp"
    good = "A seccomp profile filters the container's system calls."
    catalogue = "HRD-008"
    severity = Severity.HIGH
    facts = ("HostConfig.SecurityOpt", "SecurityOptions", "HostConfig.Privileged")
    linux_only = True
    remedy = Remedy(
        docker="docker run …   # without --security-opt seccomp=unconfined; or seccomp=/etc/docker/seccomp/app.json",
        compose="security_opt:\n  - seccomp:/etc/docker/seccomp/app.json   # instead of seccomp:unconfined",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        options = known(subject.facts.security_options, "HostConfig.SecurityOpt")
        own = [value for value in map(_profile, options) if value is not None]
        if "unconfined" in own:
            milder = Severity.LOW if subject.facts.privileged else None
            return failed({"HostConfig.SecurityOpt": "seccomp=unconfined"}, severity=milder, cis=("5.22",))
        if subject.facts.privileged:
            return not_applicable("A privileged container runs without a filter; see privileged-container.")
        host = subject.around.host
        known(host.security_options, "SecurityOptions")
        default = host.security_option("seccomp")
        if default is None:
            lacking = {"SecurityOptions": list(host.security_options or ())}
            return failed(lacking, "This host has no seccomp at all.", cis=("2.17",))
        if own:
            return passed({"HostConfig.SecurityOpt": f"seccomp={own[0]}"})
        evidence = {"SecurityOptions": f"name=seccomp,{default}".rstrip(",")}
        if default == "profile=unconfined":
            return failed(evidence, "The engine starts every container without a filter.", cis=("2.17",))
        return passed(evidence)


def _profile(option: str) -> str | None:
    """What a `seccomp=…` or, as older clients write it, `seccomp:…` option says; None for any other option."""
    for separator in "=:":
        if option.startswith(f"seccomp{separator}"):
            return option.removeprefix(f"seccomp{separator}")
    return None
