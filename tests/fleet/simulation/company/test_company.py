"""The demo company's story, told by the real rules over the real transport, without a database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet import engines
from fleet.inventory import ContainerFacts, KeptNeighbour
from fleet.inventory.identity import identify
from fleet.inventory.plain import from_plain, to_plain
from fleet.inventory.snapshot import Snapshot
from fleet.readiness.assess import judge
from fleet.readiness.findings import Finding
from fleet.readiness.policy import Policy
from fleet.readiness.subjects import ContainerSubject, HostSubject, NetworkSubject, Subject, Surroundings
from fleet.readiness.verdict import verdict_of, worst_of
from fleet.readiness.vocabulary import Stage, Status, Verdict
from fleet.simulation import REGISTRIES, demo_company, running
from fleet.transport import Endpoint, EngineClient

DECIDED = Policy(allowed_registries=REGISTRIES)
#: What every production host has: reached over loopback, which is medium, and two lows that hardly anybody mends.
COMMON = {"engine-api-without-tls", "no-authorization-plugin", "no-user-namespaces"}
STAGES = {"production": Stage.PRODUCTION, "staging": Stage.STAGING}


@dataclass
class Story:
    """Verdicts of production services, the rules that failed for each, and what each host said."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failing: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    hosts: dict[str, set[str]] = field(default_factory=dict)
    host_verdicts: dict[str, Verdict] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    reordered: list[str] = field(default_factory=list)  # judged otherwise as the database gives it back
    apart: list[Finding] = field(default_factory=list)  # said otherwise by what is kept of the neighbours alone


@pytest.fixture(scope="module")
def story() -> Story:
    told, found = Story(), defaultdict[str, list[Verdict]](list)
    with running(demo_company()) as hosts:
        for host in hosts:
            with EngineClient(Endpoint(host.url)) as client:
                snapshot = engines.collect(client, now=datetime.now(UTC))
            told.snapshots[host.name] = snapshot
            _judge(host.name, host.environment, snapshot, told, found)
    told.verdicts = {service: worst_of(verdicts) for service, verdicts in found.items()}
    return told


def _judge(name: str, environment: str, snapshot: Snapshot, told: Story, found: dict[str, list[Verdict]]) -> None:
    around = Surroundings(
        host=snapshot.host,
        now=snapshot.taken_at,
        stage=STAGES.get(environment, Stage.EXPERIMENT),
        containers=snapshot.containers,
        images={image.id: image for image in snapshot.images or ()},
        networks={key: network for network in snapshot.networks or () for key in (network.id, network.name)},
        volumes={volume.name: volume for volume in snapshot.volumes or ()},
        services=snapshot.services,
        nodes=snapshot.nodes,
        tasks=snapshot.tasks,
        policy=DECIDED,
    )
    of_host = judge(HostSubject(around=around))
    kept = replace(around, containers=[KeptNeighbour.of(facts) for facts in snapshot.containers])
    told.apart += _differing(around, kept)
    told.reordered += [
        facts.name for facts in snapshot.containers if _said(around, facts) != _said(around, _stored(facts))
    ]
    told.hosts[name] = {finding.rule for finding in of_host if finding.status == Status.FAIL}
    told.host_verdicts[name] = verdict_of(of_host)
    if environment != "production":
        return
    for container in snapshot.containers:
        service = identify(container).service
        findings = judge(ContainerSubject(facts=container, around=around, service=service))
        found[service] += [verdict_of(findings), verdict_of(of_host)]
        told.failing[service] |= {finding.rule for finding in findings if finding.status == Status.FAIL}


def _differing(around: Surroundings, kept: Surroundings) -> list[Finding]:
    containers = [facts for facts in around.containers if isinstance(facts, ContainerFacts)]
    subjects: list[tuple[Subject, Subject]] = [(HostSubject(around=around), HostSubject(around=kept))]
    subjects += [
        (ContainerSubject(facts=one, around=around), ContainerSubject(facts=one, around=kept)) for one in containers
    ]
    subjects += [
        (NetworkSubject(facts=one, around=around), NetworkSubject(facts=one, around=kept))
        for one in (around.networks or {}).values()
    ]
    return [
        said for whole, part in subjects for said, now in zip(judge(whole), judge(part), strict=True) if said != now
    ]


def _said(around: Surroundings, facts: ContainerFacts) -> tuple[Finding, ...]:
    return judge(ContainerSubject(facts=facts, around=around))


def _stored(facts: ContainerFacts) -> ContainerFacts:
    """PostgreSQL gives keys of JSON back by their length."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
        return [ordered(one) for one in value] if isinstance(value, list | tuple) else value

    return from_plain(ContainerFacts, ordered(to_plain(facts)))


def test_it_is_judged_alike_before_it_was_stored_and_after(story: Story) -> None:
    assert story.reordered == []


def test_of_other_containers_rules_read_no_more_than_is_kept_of_them(story: Story) -> None:
    assert story.apart == []


def test_it_has_a_dozen_hosts_and_about_a_hundred_and_fifty_containers() -> None:
    company = demo_company()
    assert len(company.hosts) == 12
    assert {host.environment for host in company.hosts} == {"production", "staging", "test", "development"}
    assert 140 <= sum(len(engine.containers) for engine in company.engines) <= 160


def test_its_hosts_are_known_without_a_server_and_the_same_for_every_seed() -> None:
    hosts = demo_company(seed=1).hosts
    assert hosts == demo_company(seed=2).hosts
    assert hosts[0].url(21000) == "tcp://127.0.0.1:21000"


def test_the_seed_decides_the_ages() -> None:
    assert demo_company(seed=3) == demo_company(seed=3)
    assert demo_company(seed=3) != demo_company(seed=4)


def test_every_reply_is_read_without_a_gap(story: Story) -> None:
    assert {name: snapshot.gaps for name, snapshot in story.snapshots.items() if snapshot.gaps} == {}


def test_most_of_production_is_ready_and_a_good_part_is_not(story: Story) -> None:
    ready = sum(1 for verdict in story.verdicts.values() if verdict == Verdict.READY)
    assert 0.55 <= ready / len(story.verdicts) <= 0.70, story.verdicts


@pytest.mark.parametrize(
    "service",
    ["checkout", "web-shop", "edge-proxy", "cassandra", "message-bus", "session-cache", "ledger-db", "uploads"],
)
def test_what_is_run_with_care_is_ready(story: Story, service: str) -> None:
    assert story.verdicts[service] == Verdict.READY, story.failing[service]


@pytest.mark.parametrize(
    ("service", "rule"),
    [
        ("orders-db", "database-port-published"),
        ("counters", "anonymous-volume"),
        ("recommendations", "image-not-pinned"),
        ("geo-lookup", "unhealthy"),
        ("video-transcoder", "out-of-memory-kill"),
        ("batch-reports", "should-be-running"),
        ("mailer", "secret-in-configuration"),
        ("log-shipper", "engine-socket-mounted"),
        ("legacy-cms", "privileged-container"),
        ("legacy-cms", "host-network"),
        ("legacy-cms", "sensitive-host-path"),
        ("legacy-cms", "runs-as-root"),
        ("print-gateway", "no-health-check"),
    ],
)
def test_a_mistake_is_found_by_its_rule(story: Story, service: str, rule: str) -> None:
    assert rule in story.failing[service]
    assert story.verdicts[service] in {Verdict.NOT_READY, Verdict.AT_RISK}


def test_bad_hosts_are_few_and_bad_in_their_own_ways(story: Story) -> None:
    assert "runc-known-escape" in story.hosts["legacy-01"]
    assert "insecure-registry" in story.hosts["staging-02"]
    for host in (f"prod-{number:02d}" for number in range(1, 7)):
        assert story.hosts[host] <= COMMON | {"unused-images-and-volumes"}
        assert story.host_verdicts[host] == Verdict.READY


def test_the_swarm_has_three_managers_and_a_network_that_is_not_encrypted(story: Story) -> None:
    manager = story.snapshots["prod-01"]
    assert manager.nodes is not None
    assert [node.role for node in manager.nodes].count("manager") == 3
    overlays = {n.name: "encrypted" in (n.options or {}) for n in manager.networks or () if n.driver == "overlay"}
    assert overlays == {"ingress": False, "backplane": True, "frontdoor": True, "analytics": False}


def test_managers_tell_of_services_and_workers_do_not(story: Story) -> None:
    managers = {name for name, snapshot in story.snapshots.items() if snapshot.services}
    assert managers == {"prod-01", "prod-02", "prod-03"}


def test_tasks_name_containers_that_are_there(story: Story) -> None:
    tasks = story.snapshots["prod-01"].tasks
    assert tasks
    there = {c.id for snapshot in story.snapshots.values() for c in snapshot.containers}
    assert {task.container_id for task in tasks} <= there


def test_cassandra_has_six_members_on_six_hosts(story: Story) -> None:
    hosts = [n for n, s in story.snapshots.items() for c in s.containers if identify(c).service == "cassandra"]
    assert len(hosts) == len(set(hosts)) == 6


def test_no_two_containers_have_one_address_on_an_overlay(story: Story) -> None:
    seen = [
        attachment.ip_address
        for snapshot in story.snapshots.values()
        for container in snapshot.containers
        for attachment in container.networks or ()
        if attachment.name == "backplane" and attachment.ip_address
    ]
    assert len(seen) == len(set(seen))
