"""A program that was started without privileges should not be able to pick some up."""

from __future__ import annotations

from fleet.inventory.versions import Version
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_VISIBLE_SINCE = (24, 0)


class NewPrivileges(ContainerRule):
    """Programs in the container can gain privileges that they were not started with.

    What it looks at:
    no-new-privileges in HostConfig.SecurityOpt, and name=no-new-privileges in SecurityOptions of /info, where the
    engine shows its own default from version 24 on. An older engine keeps that to itself: a daemon label
    loadline.no-new-privileges=on may say so there.

    Why it matters:
    A program that is set-user-ID root, forgotten in the base image, turns an ordinary user in the container into its
    root. The flag tells the kernel to ignore all such bits.

    How to fix:
    Start the container with --security-opt no-new-privileges:true, or set it in daemon.json for all.

    What the fix may break:
    sudo, su and ping of older images stop working in the container.

    References:
    - CIS Docker 1.6.0 5.26
    - CIS Docker 1.6.0 2.14
    - OWASP Docker Security Cheat Sheet, rule 4
    """

    title = "Programs that can gain new privileges"
    good = "Nothing in it can gain new privileges."
    catalogue = "HRD-007"
    severity = Severity.MEDIUM
    facts = ("HostConfig.SecurityOpt", "SecurityOptions")
    linux_only = True
    remedy = Remedy(
        docker="docker run --security-opt no-new-privileges:true …", compose="security_opt: [no-new-privileges:true]"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        options = known(subject.facts.security_options, "HostConfig.SecurityOpt")
        host = subject.around.host
        for option in options:
            name, _, value = option.replace("=", ":").partition(":")
            if name == "no-new-privileges":
                return (
                    failed({"HostConfig.SecurityOpt": list(options)}, cis=("5.26",)) if value == "false" else passed()
                )
        if host.security_option("no-new-privileges") is not None:
            return passed({"SecurityOptions": "name=no-new-privileges"}, "The engine's default.")
        if "loadline.no-new-privileges=on" in (host.labels or ()):
            return passed({"Labels": ["loadline.no-new-privileges=on"]}, "Claimed by whoever runs the host.")
        version = Version.parse(host.engine_version)
        evidence = {"HostConfig.SecurityOpt": list(options)}
        hidden = host.kind == "docker" and version is not None and version.numbers[:2] < _VISIBLE_SINCE
        # An older engine may have it as a default that it does not show; asking for it on the container costs nothing.
        return failed(evidence, "An engine before 24 does not show its own default." if hidden else "", cis=("5.26",))
