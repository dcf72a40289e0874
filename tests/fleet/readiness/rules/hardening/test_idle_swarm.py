from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import SwarmFacts, SwarmServiceFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.idle_swarm import IdleSwarm
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host

RULE = IdleSwarm()
SERVICE = SwarmServiceFacts(id="s", name="web")


def node(services: tuple[SwarmServiceFacts, ...] | None = (), **swarm: Any) -> HostSubject:
    facts = SwarmFacts(**({"state": "active", "control_available": True, "nodes": 1} | swarm))
    return HostSubject(around=around(host=host(swarm=facts), services=services))


def test_a_swarm_of_one_without_a_service_fails() -> None:
    outcome = RULE.judge(node())
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Swarm.LocalNodeState": "active", "Swarm.Nodes": 1, "services": 0}


def test_an_engine_in_no_swarm_is_not_meant() -> None:
    assert RULE.judge(node(state="inactive", control_available=False)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("state", ["pending", "locked", "error"])
def test_a_node_that_is_not_up_does_not_tell(state: str) -> None:
    assert RULE.judge(node(state=state, control_available=False)).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("field", "fact"),
    [("state", "LocalNodeState"), ("control_available", "ControlAvailable"), ("nodes", "Nodes")],
)
def test_what_is_not_reported_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(node(**{field: None}))


def test_services_that_nobody_has_seen_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="services"):
        RULE.judge(node(services=None))


def test_a_service_passes() -> None:
    assert RULE.judge(node(services=(SERVICE,))).status is Status.PASS


def test_a_second_node_passes() -> None:
    assert RULE.judge(node(nodes=2)).status is Status.PASS


def test_a_worker_passes() -> None:
    outcome = RULE.judge(node(services=None, control_available=False, nodes=None))
    assert outcome.status is Status.PASS
