from __future__ import annotations

from collections import Counter, defaultdict

from fleet.simulation.synthesis import synthetic


def test_it_is_as_large_as_asked_for() -> None:
    fleet = synthetic(engines=7, containers=11)
    assert [len(engine.containers) for engine in fleet.engines] == [11] * 7
    assert [host.port_offset for host in fleet.hosts] == list(range(7))
    assert len({host.name for host in fleet.hosts}) == 7


def test_the_seed_alone_decides() -> None:
    assert synthetic(engines=2, containers=9, seed=4) == synthetic(engines=2, containers=9, seed=4)
    assert synthetic(engines=2, containers=9, seed=4) != synthetic(engines=2, containers=9, seed=5)


def test_a_larger_fleet_begins_with_the_smaller_one() -> None:
    assert synthetic(engines=5, containers=9).engines[:3] == synthetic(engines=3, containers=9).engines


def test_most_containers_are_well_kept_and_some_are_not() -> None:
    users = Counter(c.user for engine in synthetic(engines=10, containers=100).engines for c in engine.containers)
    assert 0.05 < users["root"] / users.total() < 0.2


def test_containers_on_one_engine_have_names_and_ports_of_their_own() -> None:
    containers = synthetic(engines=1, containers=100).engines[0].containers
    assert len({container.name for container in containers}) == 100
    ports = [port.host_port for container in containers for port in container.ports]
    assert len(set(ports)) == len(ports)


def test_a_service_stands_on_three_to_ten_hosts_of_one_team_and_environment() -> None:
    hosts: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for engine in synthetic(engines=120, containers=40).engines:
        for container in engine.containers:
            hosts[container.labels["loadline.service"]].add(engine.name)
            owners[container.labels["loadline.service"]].add((engine.team, engine.environment))
    sizes = sorted(len(found) for found in hosts.values())
    assert sizes[-1] <= 10
    assert 4 <= sizes[len(sizes) // 2] <= 7
    assert {len(found) for found in owners.values()} == {1}
    assert len(hosts) > 300


def test_agents_stand_on_every_host() -> None:
    engines = synthetic(engines=70, containers=5, agents=2).engines
    services = [[c.labels["loadline.service"] for c in engine.containers] for engine in engines]
    assert all(names[:2] == ["agent-1", "agent-2"] and len(names) == 5 for names in services)


def test_probes_of_different_containers_come_at_different_moments() -> None:
    lives = [container.life for container in synthetic(engines=1, containers=50).engines[0].containers]
    assert len({life.age % 30 for life in lives}) > 45
