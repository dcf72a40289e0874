"""An exception from the remapping of users is root on the host again."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class UserNamespaceBypassed(ContainerRule):
    """The container asks to keep the host's users although others are remapped.

    What it looks at:
    HostConfig.UsernsMode with the value host, and name=userns in SecurityOptions of /info. Where the engine remaps
    nobody the request changes nothing yet, and the finding is a small one: it will as soon as remapping is switched on.

    Why it matters:
    With remapping, root in a container is an ordinary user of the host. This container's root is the host's root, and
    with it a hole that the others do not have.

    How to fix:
    Drop --userns host. What a container needs of the host's users is nearly always the owner of some files: give those
    to the remapped user.

    What the fix may break:
    Privileged containers and those on the host's network or process namespace cannot be remapped.

    References:
    - CIS Docker 1.6.0 5.31
    """

    title = "User namespace remapping bypassed"
    good = "It asks for no exception from the remapping of users."
    catalogue = "HRD-013"
    severity = Severity.MEDIUM
    facts = ("HostConfig.UsernsMode", "SecurityOptions")
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="docker run …   # without --userns host", compose="# no userns_mode: host")

    def judge(self, subject: ContainerSubject) -> Outcome:
        mode = known(subject.facts.userns_mode, "HostConfig.UsernsMode")
        if mode != "host":
            return passed()
        known(subject.around.host.security_options, "SecurityOptions")
        remapped = subject.around.host.security_option("userns") is not None
        evidence = {"HostConfig.UsernsMode": mode}
        if remapped:
            return failed(evidence)
        return failed(evidence, "The engine remaps nobody, so it changes nothing yet.", severity=Severity.LOW)
