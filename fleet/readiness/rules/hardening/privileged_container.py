"""Privileged containers have the host's devices and kernel, so nothing else about them matters."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class PrivilegedContainer(ContainerRule):
    """A privileged container is root on the host in all but name.

    What it looks at:
    HostConfig.Privileged of the container.

    Why it matters:
    --privileged gives every capability and every host device, and turns off seccomp, AppArmor and the masking of
    kernel paths. Whoever breaks into the container has the host and every other container on it.

    How to fix:
    Start the container without --privileged and give it the one capability or device it needs.

    What the fix may break:
    Programs that load kernel modules, mount file systems or reach devices stop working until they get just that
    capability or device by name.

    References:
    - CIS Docker 1.6.0 5.5
    - NIST SP 800-190 4.4.3
    - OWASP Docker Security Cheat Sheet, rule 3
    - Kubernetes Pod Security Standards, baseline
    """

    title = "Privileged container"
    good = "The container runs without --privileged."
    catalogue = "HRD-001"
    severity = Severity.CRITICAL
    facts = ("HostConfig.Privileged",)
    stages = EVERYWHERE
    core_gate = True
    remedy = Remedy(
        docker="docker run --cap-add NET_BIND_SERVICE --device /dev/ttyUSB0 …   # instead of --privileged",
        compose="privileged: false\ncap_add: [NET_BIND_SERVICE]\ndevices: [/dev/ttyUSB0]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        privileged = known(subject.facts.privileged, "HostConfig.Privileged")
        evidence = {"HostConfig.Privileged": privileged}
        return failed(evidence) if privileged else passed(evidence)
