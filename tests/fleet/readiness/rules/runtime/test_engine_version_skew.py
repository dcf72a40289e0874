from __future__ import annotations

import pytest

from fleet.inventory import NodeFacts, SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.engine_version_skew import EngineVersionSkew
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host, host_subject

RULE = EngineVersionSkew()


def manager(*nodes: tuple[str, str | None, str]) -> HostSubject:
    swarm = SwarmFacts(state="active", control_available=True)
    rows = tuple(NodeFacts(id=name, hostname=name, engine_version=version, role=role) for name, version, role in nodes)
    return HostSubject(around=around(host=host(swarm=swarm), nodes=rows))


def test_two_major_versions_apart_fail() -> None:
    assert RULE.judge(manager(("m", "29.7.2", "manager"), ("w", "27.5.1", "worker"))).status is Status.FAIL


def test_two_releases_apart_over_the_numbers_that_docker_left_out_fail() -> None:
    assert RULE.judge(manager(("m", "23.0.1", "manager"), ("w", "19.03.15", "worker"))).status is Status.FAIL


def test_managers_that_differ_fail() -> None:
    assert RULE.judge(manager(("m", "29.7.2", "manager"), ("n", "29.7.1", "manager"))).status is Status.FAIL


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman", swarm=None)).status is Status.NOT_APPLICABLE


def test_an_unreported_swarm_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Swarm"):
        RULE.judge(host_subject(swarm=None))


def test_a_manager_that_does_not_tell_is_unknown_and_not_different() -> None:
    assert RULE.judge(manager(("m", "29.7.2", "manager"), ("n", None, "manager"))).status is Status.UNKNOWN


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(host_subject()).status is Status.NOT_APPLICABLE


def test_a_worker_does_not_know() -> None:
    assert (
        RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=False))).status
        is Status.NOT_APPLICABLE
    )


def test_a_manager_without_a_list_is_unknown() -> None:
    assert RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=True))).status is Status.UNKNOWN


def test_a_node_that_does_not_tell_is_unknown() -> None:
    assert RULE.judge(manager(("m", "29.7.2", "manager"), ("w", None, "worker"))).status is Status.UNKNOWN


def test_the_release_after_20_is_23_and_next_to_it() -> None:
    assert RULE.judge(manager(("m", "23.0.1", "manager"), ("w", "20.10.24", "worker"))).status is Status.PASS


def test_one_version_passes() -> None:
    assert RULE.judge(manager(("m", "29.7.2", "manager"), ("w", "28.5.2", "worker"))).status is Status.PASS
