"""Two replicas on one host are one host away from none."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity

_SEVERAL = 2


class ReplicasOnOneHost(ServiceRule):
    """All running replicas of the service are on one host.

    What it looks at:
    The hosts, and NodeID in a swarm, of the running containers of the service.

    Why it matters:
    Replicas protect from the end of a process, and here from nothing more: with the host, all of them go.

    How to fix:
    Spread them: a placement preference over nodes, or at most one replica per node. Without a swarm start one on each
    of two hosts.

    What the fix may break:
    Replicas that share a folder of the host, or talk over its loopback, have to stop doing so.

    References:
    - https://docs.docker.com/reference/cli/docker/service/create/#placement-pref
    - kube-score: host-podantiaffinity
    """

    title = "All replicas on one host"
    good = "Its replicas run on several hosts."
    catalogue = "RES-014"
    severity = Severity.HIGH
    facts = ("NodeID", "State.Status")
    stages = PRODUCTION_ONLY
    bound_to = ("host",)
    remedy = Remedy(
        docker="docker service update --placement-pref-add spread=node.id --replicas-max-per-node 1 …",
        compose="deploy: {placement: {max_replicas_per_node: 1}}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        running = subject.running
        if len(running) < _SEVERAL:
            return not_applicable("It runs once, which another rule looks at.")
        hosts = sorted({member.host for member in running})
        if len({member.node_id or member.host for member in running}) > 1:
            return passed({"host": hosts})
        if not subject.all_hosts_answered:
            return unknown("Not every host answered, so another replica may run where nobody looks.")
        return failed({"host": hosts, "replicas": len(running)})
