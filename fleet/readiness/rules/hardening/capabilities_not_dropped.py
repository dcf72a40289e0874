"""A container that keeps only the capabilities it uses gives a break-in little to work with."""

from __future__ import annotations

from fleet.inventory.capabilities import EVERY, kept
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

MOST = 3  # a server that starts as root on a low port and then switches its user needs three


class CapabilitiesNotDropped(ContainerRule):
    """The container keeps more of root's powers than an ordinary service uses.

    What it looks at:
    HostConfig.CapDrop and HostConfig.CapAdd: the engine's own fourteen, without those dropped, with those added. It
    fails when more than three are left. Podman tells ALL as the names that it stands for, so sets are compared and not
    words. Privileged containers are left out: they have every capability, and a rule of their own.

    Why it matters:
    Even the fourteen that the engine leaves hand root in the container more than most programs ever use: forged
    packets (NET_RAW), device files (MKNOD), every file whatever its owner (DAC_OVERRIDE). An attacker uses what is
    there. What was dropped at the start cannot be used against the host or against the neighbours.

    How to fix:
    Start with --cap-drop ALL and see whether the program runs; most that run as an ordinary user do. Where it says
    "operation not permitted", add back the one that it names: NET_BIND_SERVICE for a port below 1024, SETUID and SETGID
    for a program that switches its user, CHOWN for one that gives files away.

    What the fix may break:
    Entry points that start as root, change the owners of a volume and then switch users need CHOWN, SETUID and SETGID.
    Without NET_RAW an old ping does not work. Try it in staging through a whole start and stop of the service.

    References:
    - Goes further than CIS Docker 5.4
    - OWASP Docker Security Cheat Sheet, rule 3
    - Kubernetes Pod Security Standards, restricted (capabilities)
    - Linux manual, capabilities(7)
    """

    title = "Container with more than three capabilities"
    good = "At most three capabilities are left to the container."
    catalogue = "HRD-006"
    severity = Severity.MEDIUM
    facts = ("HostConfig.CapDrop", "HostConfig.CapAdd", "HostConfig.Privileged")
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run --cap-drop ALL --cap-add NET_BIND_SERVICE …",
        compose="cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if facts.privileged:
            return not_applicable("A privileged container has every capability; see privileged-container.")
        dropped = known(facts.cap_drop, "HostConfig.CapDrop")
        added = known(facts.cap_add, "HostConfig.CapAdd")
        left = kept(added, dropped)
        evidence = {"HostConfig.CapDrop": list(dropped), "HostConfig.CapAdd": list(added)}
        if EVERY in left:
            return failed(evidence, "It has every capability but those dropped.")
        if len(left) > MOST:
            return failed(evidence, f"{len(left)} are left: {', '.join(sorted(left))}.")
        return passed(evidence)
