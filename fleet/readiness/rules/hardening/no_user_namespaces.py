"""Root in a container and root on the host need not be the same number."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class NoUserNamespaces(HostRule):
    """The engine neither remaps users nor runs without root itself.

    What it looks at:
    SecurityOptions of /info: name=userns or name=rootless.

    Why it matters:
    A process that breaks out of a container as root is root on the host. With remapping or a rootless engine it is a
    user without any rights there.

    How to fix:
    Set userns-remap in daemon.json, on a new host since images and volumes are kept apart, or run the engine rootless.

    What the fix may break:
    Files on bind mounts belong to other numbers; containers on the host network and privileged ones need exceptions.

    References:
    - CIS Docker 1.6.0 2.9
    - OWASP Docker Security Cheat Sheet, rules 2 and 11
    """

    title = "No user namespaces and not rootless"
    good = "Root in a container is an ordinary user of the host."
    catalogue = "HRD-014"
    severity = Severity.LOW
    facts = ("SecurityOptions",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="dockerd --userns-remap default", compose='{ "userns-remap": "default" }')

    def judge(self, subject: HostSubject) -> Outcome:
        options = known(subject.facts.security_options, "SecurityOptions")
        found = [name for name in ("userns", "rootless") if subject.facts.security_option(name) is not None]
        return passed({"SecurityOptions": found}) if found else failed({"SecurityOptions": list(options)})
