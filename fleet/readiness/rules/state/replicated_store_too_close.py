"""Replicas protect from what they do not share: a host, a volume, an even vote."""

from __future__ import annotations

from collections import Counter

from fleet.readiness.findings import Json, Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.members import family_of

_LEAST = 3


class ReplicatedStoreTooClose(ServiceRule):
    """A datastore that replicates by itself has too few members, two on one host or one volume, or an even number.

    What it looks at:
    The running members of services whose image is of a family that replicates by itself: how many there are, the host
    each runs on, and the volume names in Mounts. The replication factor inside the program is not visible from outside.

    Why it matters:
    Each node of Cassandra, Elasticsearch or etcd is ephemeral and together they are durable, but only while no failure
    takes two of them. Two members on one host are lost together. An even number that votes can split in halves, and
    neither may write.

    How to fix:
    Run three or five members, each on a host and a volume of its own: spread them by placement preference, and limit
    them to one per node.

    What the fix may break:
    Adding members moves data between them, which costs network and disk for hours on a large store.

    References:
    - https://docs.docker.com/reference/cli/docker/service/create/#placement-pref
    - https://kubernetes.io/docs/tutorials/stateful-application/cassandra/
    - https://etcd.io/docs/v3.5/faq/#what-is-failure-tolerance
    """

    title = "Replicated datastore whose members share a fate"
    good = "At least three members, each on a host and a volume of its own."
    catalogue = "STO-007"
    severity = Severity.HIGH
    facts = ("Config.Image", "Mounts[].Name", "State.Status")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker service create --replicas 3 --replicas-max-per-node 1 "
        "--mount source=data-{{.Task.Slot}},target=/data …",
        compose="deploy: {replicas: 3, placement: {max_replicas_per_node: 1}}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        running = subject.running
        family = family_of(running, subject.tables.datastores)
        if family is None:
            return not_applicable("It is not of a family that replicates by itself.")
        hosts = Counter(member.node_id or member.host for member in running)
        volumes = Counter(
            (member.host, mount.name)
            for member in running
            for mount in member.facts.mounts or ()
            if mount.kind == "volume" and mount.name
        )
        evidence: dict[str, Json] = {"members": len(running), "hosts": len(hosts)}
        crowded = sorted(member.host for member in running if hosts[member.node_id or member.host] > 1)
        if crowded:
            return failed({**evidence, "host": sorted(set(crowded))}, "Two members share a host.")
        shared = sorted(str(name) for (_, name), count in volumes.items() if count > 1)
        if shared:
            return failed({**evidence, "Mounts[].Name": shared}, "Two members share a volume.")
        if not subject.all_hosts_answered:
            return unknown("Not every host answered, so members may run where nobody looks.", evidence)
        if len(running) < _LEAST:
            return failed(evidence, f"{family.family} keeps its data safe with three members or more.")
        if family.replicates == "quorum" and len(running) % 2 == 0:
            return failed(evidence, "An even number of members can split in halves.")
        return passed(evidence)
