"""Judging a real engine: its snapshot goes through every rule, as a sweep would do it, without a database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from fleet.inventory import ContainerFacts, Snapshot
from fleet.inventory.identity import identify
from fleet.readiness.assess import SETTLING, judge
from fleet.readiness.findings import Finding
from fleet.readiness.policy import Policy
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    Member,
    NetworkSubject,
    ServiceSubject,
    Subject,
    Surroundings,
    VolumeSubject,
)
from fleet.readiness.vocabulary import Stage
from tests.engines.harness import RealEngine
from tests.engines.looking import look

Findings = Mapping[tuple[str, str], Finding]


def judge_engine(
    engine: RealEngine,
    now: datetime | None = None,
    *,
    policy: Policy | None = None,
    stage: Stage = Stage.PRODUCTION,
    restarts: Mapping[str, int] | None = None,
) -> Findings:
    """What every rule says of everything on the engine, by (slug, name of the subject).

    Names: a container's, network's and volume's own, an image's first tag, and the engine's name for the host.
    `now` is by default late enough that containers which were only created are judged, too. `restarts` are those of
    the last ten minutes by container name, as two sweeps would have counted them.
    """
    return judge_snapshot(look(engine), now, policy=policy, stage=stage, restarts=restarts, host=engine.name)


def judge_snapshot(
    snapshot: Snapshot,
    now: datetime | None = None,
    *,
    policy: Policy | None = None,
    stage: Stage = Stage.PRODUCTION,
    restarts: Mapping[str, int] | None = None,
    host: str = "host",
) -> Findings:
    around = surroundings_of(
        snapshot, now or snapshot.taken_at + SETTLING + timedelta(seconds=1), policy=policy, stage=stage
    )
    return {
        (finding.rule, name): finding
        for name, subject in named_subjects(around, restarts=restarts or {}, host=host)
        for finding in judge(subject)
    }


def surroundings_of(
    snapshot: Snapshot, now: datetime, *, policy: Policy | None = None, stage: Stage = Stage.PRODUCTION
) -> Surroundings:
    networks = snapshot.networks
    return Surroundings(
        host=snapshot.host,
        now=now,
        stage=stage,
        policy=policy or Policy(),
        containers=snapshot.containers,
        images=None if snapshot.images is None else {one.id: one for one in snapshot.images},
        networks=None if networks is None else {key: one for one in networks for key in (one.id, one.name)},
        volumes=None if snapshot.volumes is None else {one.name: one for one in snapshot.volumes},
        services=snapshot.services,
        nodes=snapshot.nodes,
        tasks=snapshot.tasks,
        plugins=snapshot.plugins,
    )


def named_subjects(around: Surroundings, *, restarts: Mapping[str, int], host: str) -> Iterator[tuple[str, Subject]]:
    containers = [
        ContainerSubject(facts=facts, around=around, service=identify(facts).service, restarts=restarts.get(facts.name))
        for facts in around.containers
    ]
    yield host, HostSubject(around=around)
    for container in containers:
        yield container.facts.name, container
    for image in (around.images or {}).values():
        yield (image.tags[0] if image.tags else image.id), ImageSubject(facts=image, around=around)
    for network in {one.id: one for one in (around.networks or {}).values()}.values():
        yield network.name, NetworkSubject(facts=network, around=around)
    for volume in (around.volumes or {}).values():
        users = tuple(one for one in containers if any(mount.name == volume.name for mount in one.facts.mounts or ()))
        yield volume.name, VolumeSubject(facts=volume, around=around, users=users)


def judge_service(
    name: str, snapshots: Mapping[str, Snapshot], now: datetime | None = None, **changes: object
) -> Mapping[str, Finding]:
    """What the rules about whole services say of one, by slug; `snapshots` are by the name of the host.

    `changes` are of ServiceSubject. A manager among the hosts tells of the swarm service of that name.
    """
    return {finding.rule: finding for finding in judge(service_of(name, snapshots, now, **changes))}


def service_of(
    name: str, snapshots: Mapping[str, Snapshot], now: datetime | None = None, **changes: object
) -> ServiceSubject:
    members = [
        _member(facts, host, snapshot)
        for host, snapshot in snapshots.items()
        for facts in snapshot.containers
        if identify(facts).service == name
    ]
    manager = next((one for one in snapshots.values() if one.services is not None), None)
    taken = max(snapshot.taken_at for snapshot in snapshots.values())
    swarm = next((one for one in (manager.services or ()) if one.name == name), None) if manager else None
    subject = ServiceSubject(
        name=name,
        members=tuple(members),
        now=now or taken + SETTLING + timedelta(seconds=1),
        team="payments",
        swarm=swarm,
        tasks=manager.tasks if manager else None,
        nodes=manager.nodes if manager else None,
    )
    return dataclasses.replace(subject, **changes)  # type: ignore[arg-type]


def _member(facts: ContainerFacts, host: str, snapshot: Snapshot) -> Member:
    mounted = {mount.name for mount in facts.mounts or ()}
    return Member(
        facts=facts,
        host=host,
        engine=snapshot.host.kind,
        node_id=snapshot.host.swarm.node_id if snapshot.host.swarm else None,
        image=next((one for one in snapshot.images or () if one.id == facts.image_id), None),
        volumes={one.name: one for one in snapshot.volumes or () if one.name in mounted},
    )


def statuses(findings: Findings, slug: str) -> dict[str, str]:
    """By name of the subject, what the rule says."""
    return {name: finding.status.value for (rule, name), finding in findings.items() if rule == slug}
