"""Judging a real engine: its snapshot goes through every rule, as a sweep would do it, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from fleet.inventory import Snapshot
from fleet.inventory.identity import identify
from fleet.readiness.assess import SETTLING, judge
from fleet.readiness.findings import Finding
from fleet.readiness.policy import Policy
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    NetworkSubject,
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
