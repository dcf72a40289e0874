"""Docker gives every container fourteen privileges of root; most programs need none of them."""

from __future__ import annotations

from fleet.inventory.capabilities import effective
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_MOST = 3


class CapabilitiesNotDropped(ContainerRule):
    """The container keeps more than three of root's capabilities.

    What it looks at:
    HostConfig.CapDrop and CapAdd: Docker's fourteen, without those dropped and with those added. Podman tells ALL as
    the names that it stands for, so the sets are compared and not the words.

    Why it matters:
    CHOWN, SETUID, NET_RAW and the rest are what an exploit uses next, inside the container and on the way out of it. A
    web server on a port above 1024 needs none.

    How to fix:
    Drop all, and add back the one or two that the program asks for.

    What the fix may break:
    Programs that change users at start need SETUID and SETGID; those that bind low ports NET_BIND_SERVICE.

    References:
    - Goes further than CIS Docker 5.4
    - OWASP Docker Security Cheat Sheet, rule 3
    - Kubernetes Pod Security Standards, restricted
    """

    title = "Capabilities that are not dropped"
    good = "It keeps three capabilities at most."
    catalogue = "HRD-006"
    severity = Severity.MEDIUM
    facts = ("HostConfig.CapDrop", "HostConfig.CapAdd")
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run --cap-drop ALL --cap-add NET_BIND_SERVICE …",
        compose="cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if known(subject.facts.privileged, "HostConfig.Privileged"):
            return not_applicable("It is privileged, which another rule says.")
        left = effective(
            known(subject.facts.cap_add, "HostConfig.CapAdd"), known(subject.facts.cap_drop, "HostConfig.CapDrop")
        )
        if len(left) <= _MOST:
            return passed()
        evidence = {
            "HostConfig.CapDrop": list(subject.facts.cap_drop or ()),
            "HostConfig.CapAdd": list(subject.facts.cap_add or ()),
        }
        return failed(evidence, f"{len(left)} capabilities remain.")
