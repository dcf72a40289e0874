"""A container in a control group of its own choosing escapes the limits of all the others."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class ForeignCgroup(ContainerRule):
    """The container was put below a control group that somebody named.

    What it looks at:
    HostConfig.CgroupParent. Empty, it stands for the engine's own.

    Why it matters:
    Limits and accounting that the host sets for all containers are those of the engine's group. A container elsewhere
    shares its limits with whatever else is there, or has none.

    How to fix:
    Start it without --cgroup-parent, and limit it by itself.

    What the fix may break:
    Groups that were made to share one limit among several containers.

    References:
    - CIS Docker 1.6.0 5.25
    """

    title = "Control group named by hand"
    good = "It is in the engine's own control group."
    catalogue = "HRD-029"
    severity = Severity.LOW
    facts = ("HostConfig.CgroupParent",)
    linux_only = True
    remedy = Remedy(docker="docker run …   # without --cgroup-parent", compose="# no cgroup_parent:")

    def judge(self, subject: ContainerSubject) -> Outcome:
        parent = known(subject.facts.cgroup_parent, "HostConfig.CgroupParent")
        return failed({"HostConfig.CgroupParent": parent}) if parent else passed()
