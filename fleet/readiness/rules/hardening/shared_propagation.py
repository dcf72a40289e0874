"""A mount that travels back to the host is a way out of the container."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class SharedPropagation(ContainerRule):
    """Mounts made in the container appear on the host and in other containers.

    What it looks at:
    Mounts[].Propagation with shared or rshared.

    Why it matters:
    Whoever may mount in the container can lay a file system over a folder that the host or another container trusts.

    How to fix:
    Use rprivate, which is the default. Storage agents that mount for others need it: accept that by a waiver.

    What the fix may break:
    Volumes that a storage agent mounts do not reach the containers they are for.

    References:
    - CIS Docker 1.6.0 5.20
    """

    title = "Shared mount propagation"
    good = "Its mounts stay its own."
    catalogue = "HRD-017"
    severity = Severity.MEDIUM
    facts = ("Mounts[].Propagation",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="docker run -v /srv/data:/data:rprivate …", compose='volumes: ["/srv/data:/data:rprivate"]')

    def judge(self, subject: ContainerSubject) -> Outcome:
        mounts = known(subject.facts.mounts, "Mounts")
        shared = {one.destination: one.propagation for one in mounts if one.propagation in {"shared", "rshared"}}
        return failed({"Mounts[].Propagation": shared}) if shared else passed()
