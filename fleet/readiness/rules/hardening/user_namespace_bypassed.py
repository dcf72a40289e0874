"""User namespaces turn the container's root into nobody; a container that opts out is root again."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class UserNamespaceBypassed(ContainerRule):
    """The container opted out of the mapping that makes its root an ordinary user of the host.

    What it looks at:
    HostConfig.UsernsMode: "host" fails. Where the engine's SecurityOptions do not name userns, nothing is mapped and
    the request changes nothing today: then it is low.

    Why it matters:
    With userns-remap, root in a container is a user without any rights on the host, so most escapes end nowhere. This
    container's root is the host's root, on a host where everybody trusts that there is no such thing. Where remapping
    is off, the flag waits: on the day somebody switches it on, this container is left out without a word.

    How to fix:
    Remove --userns host. Give the files of its volumes to the mapped users (/etc/subuid tells where the range begins),
    or let the container use a named volume, which the engine owns in its name.

    What the fix may break:
    Bind mounts whose files belong to the host's root or users turn unreadable. Privileged containers, those on the
    host's network or in its process namespace do not start under remapping: move them to a host of their own.

    References:
    - CIS Docker 1.6.0 5.31
    - OWASP Docker Security Cheat Sheet, rule 2
    - Docker documentation, Isolate containers with a user namespace
    """

    title = "Container that bypasses the user namespace"
    good = "The engine's user mapping holds for the container."
    catalogue = "HRD-013"
    severity = Severity.MEDIUM
    facts = ("HostConfig.UsernsMode", "SecurityOptions")
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run -v app-data:/data …   # without --userns host",
        compose="# without userns_mode: host\nvolumes: [app-data:/data]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        host = subject.around.host
        mode = known(subject.facts.userns_mode, "HostConfig.UsernsMode")
        evidence = {"HostConfig.UsernsMode": mode}
        if mode == "host":
            if host.security_options is None or host.security_option("userns") is not None:
                return failed(evidence)
            return failed(evidence, "The engine maps no users, so it changes nothing today.", severity=Severity.LOW)
        known(host.security_options, "SecurityOptions")
        if host.security_option("userns") is None:
            return not_applicable("The engine maps no users; see no-user-namespaces.")
        return passed(evidence)
