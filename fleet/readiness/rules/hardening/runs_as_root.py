"""Root in a container is root on the host as soon as anything else about the container gives way."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class RunsAsRoot(ContainerRule):
    """The container's first process runs as root.

    What it looks at:
    The user part of Config.User: empty, 0 and root are root, whatever the group. The image's USER is merged into it.
    It is low where root in the container is not root on the host: a rootless engine, or one with userns-remap, unless
    the container opted out of it with --userns host.
    A user given by another name passes: the engine does not tell which number the image gives that name.
    A program that starts as root and drops to another user by itself is still reported: the engine cannot see it.

    Why it matters:
    Every escape known so far is easier for root: it may write to whatever is mounted, use the capabilities the engine
    leaves it, and reach parts of the kernel that a plain user cannot. An ordinary user inside turns many a hole into
    a crash.

    How to fix:
    Give the image a user by number and let it own what it writes: RUN chown -R 10001:10001 /data, then
    USER 10001:10001. Without a new image, --user 10001:10001 does it for programs that need no files of root. Listen
    on ports from 1024 upwards, or keep the low port with --cap-add NET_BIND_SERVICE. Many official images have an
    unprivileged variant.

    What the fix may break:
    Files in existing volumes belong to root: chown them once before the switch, or the service cannot write. Entry
    points that change owners or ports at start fail; they need the unprivileged variant of the image.

    References:
    - CIS Docker 1.6.0 4.1
    - OWASP Docker Security Cheat Sheet, rule 2
    - NIST SP 800-190 4.1.2
    - Kubernetes Pod Security Standards, restricted
    """

    title = "Container that runs as root"
    good = "The container's first process runs as an ordinary user."
    catalogue = "HRD-004"
    severity = Severity.HIGH
    facts = ("Config.User", "HostConfig.UsernsMode", "SecurityOptions")
    linux_only = True
    remedy = Remedy(docker="docker run --user 10001:10001 …", compose='user: "10001:10001"')

    def judge(self, subject: ContainerSubject) -> Outcome:
        user = known(subject.facts.user, "Config.User")
        evidence = {"Config.User": user}
        name = user.partition(":")[0].strip()
        if name.isdecimal():
            if int(name):
                return passed(evidence)
        elif name not in {"", "root"}:
            return passed(evidence, "The engine does not tell which number the image gives this name.")
        mapped = _mapped(subject)
        if mapped:
            reason = "Root in the container is an ordinary user on this host."
            return failed(evidence | {"SecurityOptions": mapped}, reason, severity=Severity.LOW)
        return failed(evidence)


def _mapped(subject: ContainerSubject) -> str | None:
    """The engine's option that makes the container's root another user of the host."""
    host = subject.around.host
    if host.security_option("rootless") is not None:
        return "name=rootless"
    if host.security_option("userns") is not None and subject.facts.userns_mode != "host":
        return "name=userns"
    return None
