"""Working a pack's findings out again from the facts in it, by the rules of this very version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from fleet.governance.policy import read
from fleet.inventory import (
    ContainerFacts,
    HostFacts,
    ImageFacts,
    NetworkFacts,
    NodeFacts,
    PluginFacts,
    Proven,
    SwarmServiceFacts,
    TaskFacts,
    VolumeFacts,
)
from fleet.inventory.plain import from_plain
from fleet.readiness import catalogue
from fleet.readiness.assess import judge
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
from fleet.readiness.vocabulary import Scope, Stage
from fleet.reference import current_tables
from fleet.tables import Tables

Key = tuple[str, str, str, str]  # host, kind, id or name, rule


@dataclass(frozen=True, slots=True)
class Verified:
    """`differing` findings are not what the facts say now; `same_versions` tells whether they ought to be."""

    findings: int
    differing: tuple[str, ...]
    same_versions: bool
    notes: tuple[str, ...]

    @property
    def reproduced(self) -> bool:
        return not self.differing


def verify(document: Mapping[str, Any]) -> Verified:
    """Judges every subject of the pack again and compares status, severity and evidence."""
    now = datetime.fromisoformat(document["made_at"])
    policy, tables = read(document["policy"]), current_tables()
    found: dict[Key, tuple[str, str, Any]] = {}
    around = {host["host"]: _surroundings(host, policy, tables, now) for host in document["hosts"]}
    facts = {host["host"]: _container_facts(host) for host in document["hosts"]}
    stale = {host["host"]: host["stale"] for host in document["hosts"]}
    for host in document["hosts"]:
        for kind, name, subject in _subjects(host, facts[host["host"]], around[host["host"]]):
            for finding in judge(subject):
                found[host["host"], kind, name, finding.rule] = _told(finding)
    for service in document["services"]:
        if service["members"]:
            for finding in judge(_service(service, stale, facts, around, now)):
                found["", "service", service["slug"], finding.rule] = _told(finding)
    differing = [_words(row) for row in document["findings"] if not _same(row, found)]
    versions = document["versions"]
    notes = []
    if versions["rules"] != catalogue.version():
        notes.append(f"The pack was made by rules {versions['rules']}; these are {catalogue.version()}.")
    if versions["tables"] != tables.version:
        notes.append("The reference tables are not those that the pack was made with.")
    same = not notes
    if behind := document.get("behind"):
        hosts = f"{len(behind)} host{'' if len(behind) == 1 else 's'}"
        notes.append(f"{hosts} had not been judged by the policy, rules and tables of the pack when it was made.")
    return Verified(len(document["findings"]), tuple(differing), same, tuple(notes))


def _told(finding: Finding) -> tuple[str, str, Any]:
    return finding.status, finding.severity, dict(finding.evidence)


def _same(row: Mapping[str, Any], found: Mapping[Key, tuple[str, str, Any]]) -> bool:
    subject = row["subject"]
    kind = subject["kind"]
    name = subject["name"] if kind in {"network", "volume", "host"} else subject["id"]
    again = found.get((subject["host"] or "", kind, name, row["rule"]))
    if again is None:
        return False
    status, severity, evidence = again
    # Through JSON and back, as the pack's own evidence went: tuples are lists there.
    plain = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(evidence)))
    return (status, severity, plain) == (row["status"], row["severity"], row["evidence"])


def _words(row: Mapping[str, Any]) -> str:
    subject = row["subject"]
    return f"{row['rule']} on {subject['kind']} {subject['name']}"


def _surroundings(host: Mapping[str, Any], policy: Policy, tables: Tables, now: datetime) -> Surroundings:
    networks = _read(NetworkFacts, host["networks"])
    images, volumes = _read(ImageFacts, host["images"]), _read(VolumeFacts, host["volumes"])
    return Surroundings(
        host=from_plain(HostFacts, host["facts"]),
        now=now,
        host_name=host["host"],
        stage=Stage(host["stage"]),
        environment=host["environment"],
        environment_declared=host["environment_declared"],
        twins=tuple(host["twins"]),
        policy=policy,
        tables=tables,
        containers=_container_facts(host),
        images=None if images is None else {one.id: one for one in images},
        networks=None if networks is None else {key: one for one in networks for key in (one.id, one.name)},
        volumes=None if volumes is None else {one.name: one for one in volumes},
        services=_read(SwarmServiceFacts, host["services"]),
        nodes=_read(NodeFacts, host["nodes"]),
        tasks=_read(TaskFacts, host["tasks"]),
        plugins=_read(PluginFacts, host["plugins"]),
        # Packs of before anything was proven have none.
        proven={image: from_plain(Proven, one) for image, one in host.get("proven", {}).items()},
    )


def _container_facts(host: Mapping[str, Any]) -> tuple[ContainerFacts, ...]:
    return tuple(from_plain(ContainerFacts, row["facts"]) for row in host["containers"])


def _read(kind: type[Any], rows: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if rows is None else tuple(from_plain(kind, row) for row in rows)


def _subjects(
    host: Mapping[str, Any], told: Sequence[ContainerFacts], around: Surroundings
) -> Iterator[tuple[str, str, Subject]]:
    containers = [
        ContainerSubject(
            facts=facts, around=around, service=row["service"], restarts=row["restarts"], entered_tier=row.get("tier")
        )
        for facts, row in zip(told, host["containers"], strict=True)
    ]
    yield Scope.HOST.value, host["host"], HostSubject(around=around)
    for container in containers:
        yield Scope.CONTAINER.value, container.facts.id, container
    for image in (around.images or {}).values():
        yield Scope.IMAGE.value, image.id, ImageSubject(facts=image, around=around)
    for network in {one.id: one for one in (around.networks or {}).values()}.values():
        yield Scope.NETWORK.value, network.name, NetworkSubject(facts=network, around=around)
    for volume in (around.volumes or {}).values():
        users = tuple(one for one in containers if volume.name in one.facts.volume_names)
        yield Scope.VOLUME.value, volume.name, VolumeSubject(facts=volume, around=around, users=users)


def _service(
    service: Mapping[str, Any],
    stale: Mapping[str, bool],
    told: Mapping[str, Sequence[ContainerFacts]],
    around: Mapping[str, Surroundings],
    now: datetime,
) -> ServiceSubject:
    members = []
    first = next(iter(around.values()))
    for one in service["members"]:
        here = around[one["host"]]
        facts = next(facts for facts in told[one["host"]] if facts.id == one["container"])
        mounted = facts.volume_names
        members.append(
            Member(
                facts=facts,
                host=one["host"],
                stage=here.stage,
                environment=here.environment,
                engine=here.host.kind,
                node_id=here.host.swarm.node_id if here.host.swarm else None,
                fresh=not stale[one["host"]],
                image=(here.images or {}).get(facts.image_id or ""),
                volumes={name: volume for name, volume in (here.volumes or {}).items() if name in mounted},
                tables=here.tables,
            )
        )
    return ServiceSubject(
        name=service["service"],
        members=tuple(members),
        now=now,
        stage=Stage(service["stage"]),
        environment=service["environment"],
        team=service["team"],
        # Packs of before the catalogue have none of these.
        entered_tier=service.get("tier"),
        runbook=service.get("runbook", ""),
        oncall=service.get("oncall", ""),
        policy=first.policy,
        tables=first.tables,
        all_hosts_answered=service["all_hosts_answered"],
        swarm=from_plain(SwarmServiceFacts, service["swarm"]) if service["swarm"] else None,
        tasks=_read(TaskFacts, service["tasks"]),
        nodes=_read(NodeFacts, service["nodes"]),
    )
