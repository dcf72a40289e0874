"""Where root in a container is root on the host, every escape ends with the whole machine."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

MAPPINGS = ("userns", "rootless")


class NoUserNamespaces(HostRule):
    """Root in this host's containers is root on the host.

    What it looks at:
    SecurityOptions of the engine's info: it fails when they name neither userns (the engine maps the users of its
    containers) nor rootless (the engine itself runs as an ordinary user). For Podman its own field Rootless counts.

    Why it matters:
    A user's number in a container is the same user on the host unless somebody maps it. So root that finds a hole in
    the kernel, in runc or in a mount is root outside. Mapped, it is a user that owns nothing: the same hole leads into
    an empty room.

    How to fix:
    Put "userns-remap": "default" into daemon.json and restart the engine; it makes the user dockremap and takes the
    range from /etc/subuid and /etc/subgid. Or run a rootless engine for each team. Images and volumes have to be loaded
    anew, since the mapped engine keeps its data in a folder of its own: do it on a fresh host and move services over.

    What the fix may break:
    Privileged containers and those in the host's network or process namespace need --userns host. Bind mounts must
    belong to the mapped users. A rootless engine has no ports below 1024 by default, and its network is slower.

    References:
    - CIS Docker 1.6.0 2.9
    - OWASP Docker Security Cheat Sheet, rules 2 and 11
    - Docker documentation, Isolate containers with a user namespace
    - Docker documentation, Rootless mode
    """

    title = "Neither user namespaces nor a rootless engine"
    good = "Root in a container is an ordinary user on this host."
    catalogue = "HRD-014"
    severity = Severity.LOW
    facts = ("SecurityOptions",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="dockerd --userns-remap default   # or, as an ordinary user: dockerd-rootless-setuptool.sh install",
        compose='# daemon.json\n{"userns-remap": "default"}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        options = known(host.security_options, "SecurityOptions")
        there = [name for name in MAPPINGS if host.security_option(name) is not None]
        if there:
            return passed({"SecurityOptions": [f"name={name}" for name in there]})
        return failed({"SecurityOptions": sorted(options)})
