from __future__ import annotations

import pytest

from fleet.inventory import NodeFacts, SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.manager_quorum import ManagerQuorum
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host, host_subject

RULE = ManagerQuorum()


def test_one_manager_fails() -> None:
    assert (
        RULE.judge(
            HostSubject(around=around(host=host(swarm=SwarmFacts(state="active", control_available=True, managers=1))))
        ).status
        is Status.FAIL
    )


def test_an_even_number_fails() -> None:
    assert (
        RULE.judge(
            HostSubject(around=around(host=host(swarm=SwarmFacts(state="active", control_available=True, managers=4))))
        ).status
        is Status.FAIL
    )


def test_one_that_is_away_of_three_fails_though_there_are_enough() -> None:
    nodes = tuple(
        NodeFacts(id=str(n), role="manager", reachability="reachable" if n else "unreachable") for n in range(3)
    )
    swarm = SwarmFacts(state="active", control_available=True, managers=3)
    outcome = RULE.judge(HostSubject(around=around(host=host(swarm=swarm), nodes=nodes)))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ())


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(host_subject()).status is Status.NOT_APPLICABLE


def test_a_worker_is_not_asked() -> None:
    assert (
        RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=False))).status
        is Status.NOT_APPLICABLE
    )


def test_an_unreported_number_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=True)))


def test_three_managers_pass() -> None:
    assert (
        RULE.judge(
            HostSubject(around=around(host=host(swarm=SwarmFacts(state="active", control_available=True, managers=3))))
        ).status
        is Status.PASS
    )
