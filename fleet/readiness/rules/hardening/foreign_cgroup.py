"""A container in a control group of its own choice escapes the limits that the host's owner set for all of them."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

#: Where Podman puts every container by itself; its pods lie in groups below.
_PODMANS_OWN = ("machine.slice", "user.slice", "/libpod_parent")


class ForeignCgroup(ContainerRule):
    """The container asked for a control group other than the engine's own.

    What it looks at:
    HostConfig.CgroupParent of the container: empty, it is where the engine puts all of them, and that passes. A parent
    that the engine itself was told to use does not show here. Podman writes its own choice (machine.slice, user.slice)
    into the field, which passes too.

    Why it matters:
    The group decides which limits on memory, processor time and devices hold for a container together with its
    neighbours. In another group it counts against somebody else's limits, or against none, and whatever watches the
    engine's group does not see it. In the host's system group it competes with SSH and the engine itself.

    How to fix:
    Remove --cgroup-parent and set the limits on the container: --memory, --cpus, --pids-limit. To give all containers
    of a host a common limit, set "cgroup-parent" in daemon.json to a slice that has one.

    What the fix may break:
    A group that several containers share as a common budget no longer holds them: each needs limits of its own.
    Schedulers other than swarm, such as Kubernetes, place containers by this field: exempt those in the policy.

    References:
    - CIS Docker 1.6.0 5.25
    - Docker documentation, dockerd: default cgroup parent
    """

    title = "Container in a control group of its own choice"
    good = "The container is in the engine's own control group."
    catalogue = "HRD-029"
    severity = Severity.LOW
    facts = ("HostConfig.CgroupParent",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run --memory 512m --cpus 1 --pids-limit 200 …   # without --cgroup-parent",
        compose="# without cgroup_parent\nmem_limit: 512m\ncpus: 1\npids_limit: 200",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        parent = known(subject.facts.cgroup_parent, "HostConfig.CgroupParent")
        evidence = {"HostConfig.CgroupParent": parent}
        podmans = subject.around.host.kind == "podman" and parent.startswith(_PODMANS_OWN)
        return failed(evidence) if parent and not podmans else passed(evidence)
