"""A container in the host's process namespace sees, and as root may signal and read, every process of the host."""

from __future__ import annotations

from fleet.inventory.namespaces import joined
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class HostPidNamespace(ContainerRule):
    """The container sees and reaches every process of its host.

    What it looks at:
    HostConfig.PidMode: "host" fails. A container that shares the processes of another container
    (container:NAME) fails when that other one is in the host's namespace.

    Why it matters:
    The list of processes shows the command lines and, through /proc, the environment of every service on the host,
    passwords included. As root the container can stop any of them, and with one capability more it is inside them.
    Through /proc/1/root it looks into the host's own file system.

    How to fix:
    Remove --pid host. To watch one other container, share that one's namespace instead: --pid container:NAME. For
    metrics of all processes run an exporter on the host, or keep this one container on a list of accepted risks, as
    an ordinary user and with all capabilities dropped.

    What the fix may break:
    Agents that report per-process figures of the whole host, and debugging containers, see only themselves afterwards.

    References:
    - CIS Docker 1.6.0 5.16
    - NIST SP 800-190 4.4.3
    - Kubernetes Pod Security Standards, baseline (host namespaces)
    """

    title = "Host process namespace"
    good = "The container sees only its own processes."
    catalogue = "HRD-011"
    severity = Severity.HIGH
    facts = ("HostConfig.PidMode",)
    linux_only = True
    remedy = Remedy(
        docker="docker run …   # without --pid host; to watch one container: --pid container:NAME",
        compose="# without pid: host; to watch one service:\npid: service:web",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        mode = known(subject.facts.pid_mode, "HostConfig.PidMode")
        evidence = {"HostConfig.PidMode": mode}
        if mode == "host":
            return failed(evidence)
        other = joined(mode, subject.around.containers)
        if other is not None and other.pid_mode == "host":
            return failed(evidence, f"It shares the processes of {other.name}, which is in the host's namespace.")
        return passed(evidence)
