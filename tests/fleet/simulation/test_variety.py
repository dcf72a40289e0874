from __future__ import annotations

import pytest

from fleet.simulation import varied
from fleet.simulation.plan import SimulatedFleet


def services(fleet: SimulatedFleet) -> set[str]:
    return {container.labels["loadline.service"] for engine in fleet.engines for container in engine.containers}


@pytest.mark.parametrize("number", [1, 3, 60, 500])
def test_a_fleet_has_as_many_services_as_were_asked_for(number: int) -> None:
    fleet = varied(number)
    assert len(services(fleet)) == number
    for engine in fleet.engines:
        names = [container.name for container in engine.containers]
        assert len(names) == len(set(names)), engine.name


def test_three_services_differ_in_state_doors_and_ties() -> None:
    containers = [container for engine in varied(3).engines for container in engine.containers]
    assert any(container.ports for container in containers)
    assert any(mount.kind == "volume" for container in containers for mount in container.mounts)
    assert {container.log_driver for container in containers} == {"json-file", "awslogs"}


def test_sixty_have_all_kinds() -> None:
    fleet = varied(60)
    containers = [container for engine in fleet.engines for container in engine.containers]
    volumes = {volume.driver for engine in fleet.engines for volume in engine.volumes}
    assert {"local", "pxd", "flocker"} <= volumes
    assert {engine.environment for engine in fleet.engines} == {"production", "staging", "test", "development"}
    assert {container.network_mode for container in containers} >= {"apps", "host", "default", "far"}
    assert any(container.links for container in containers)
    assert any(container.gpus for container in containers)
    assert any(mount.source.endswith("docker.sock") for container in containers for mount in container.mounts)
    assert len({engine.release.engine for engine in fleet.engines}) >= 4


def test_the_same_seed_makes_the_same_fleet() -> None:
    assert varied(60, seed=3) == varied(60, seed=3)
    assert varied(60, seed=3) != varied(60, seed=4)
