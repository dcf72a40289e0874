"""Control groups are named in one way by systemd and in another by everybody else."""

from __future__ import annotations

from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class CgroupParent(Tie):
    """The container asks for a parent control group by name. Engines that leave control groups to systemd want a slice
    there, others a path, and each refuses the other's.
    """

    title = "A control group given by name"
    effort = Effort.DROP_IN
    engines = EITHER
    elsewhere = "It does not start where control groups are named in the other way."
    change = (
        "Leave it out, or give a name that the other engine's driver takes: name.slice with systemd, /name without."
    )
    sources = (
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#cgroup-parent-path",
        "https://docs.docker.com/reference/cli/dockerd/#default-cgroup-parent",
    )

    def find(self, part: Part) -> Found | None:
        parent = known(part.facts.cgroup_parent, "HostConfig.CgroupParent")
        return Found({"HostConfig.CgroupParent": (parent,)}) if parent else None
