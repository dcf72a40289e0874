"""What no interface of the engine tells has to be said by somebody, or stay open."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, not_applicable, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

ATTESTED = "loadline.userland-proxy=off"


class UserlandProxy(HostRule):
    """Published ports may go through a program of the engine instead of the kernel.

    What it looks at:
    Nothing that the engine reports: --userland-proxy=false leaves no trace in its interface. Only the daemon label
    loadline.userland-proxy=off in Labels of /info, which whoever runs the host may set, says that it is off.

    Why it matters:
    The proxy is one more process per port, runs as root, and hides the caller's address from the container. Where the
    kernel can do the same (hairpin NAT), it is attack surface and memory for nothing.

    How to fix:
    Set userland-proxy to false in daemon.json and restart the engine, then label the daemon
    loadline.userland-proxy=off so that it can be seen.

    What the fix may break:
    Old kernels without hairpin NAT, and connections from the host to its own published ports over IPv6.

    References:
    - CIS Docker 1.6.0 2.16
    """

    title = "Userland proxy for published ports"
    good = "Whoever runs the host says that the userland proxy is off."
    catalogue = "NET-014"
    severity = Severity.LOW
    facts = ("Labels",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="dockerd --userland-proxy=false", compose='{ "userland-proxy": false }')

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman has no such proxy.")
        if ATTESTED in (subject.facts.labels or ()):
            return passed({"Labels": [ATTESTED]}, "Claimed by whoever runs the host; the engine does not tell.")
        return uncollected("The engine does not tell whether its userland proxy runs; only a daemon label can.")
