from __future__ import annotations

from datetime import timedelta

from fleet.inventory import NodeFacts, SwarmFacts
from fleet.readiness.rules.resilience.node_not_ready import NodeNotReady
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import NOW, around, host, host_subject

RULE = NodeNotReady()


def test_a_node_that_is_down_fails() -> None:
    outcome = RULE.judge(
        HostSubject(
            around=around(
                host=host(swarm=SwarmFacts(state="active", control_available=True)),
                nodes=(NodeFacts(id="n", hostname="prod-02", state="down"),),
            )
        )
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_a_node_drained_for_days_is_low() -> None:
    outcome = RULE.judge(
        HostSubject(
            around=around(
                host=host(swarm=SwarmFacts(state="active", control_available=True)),
                nodes=(
                    NodeFacts(
                        id="n",
                        hostname="prod-02",
                        state="ready",
                        availability="drain",
                        updated_at=NOW - timedelta(days=2),
                    ),
                ),
            )
        )
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.LOW)


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(host_subject()).status is Status.NOT_APPLICABLE


def test_a_worker_is_not_asked() -> None:
    assert (
        RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=False))).status
        is Status.NOT_APPLICABLE
    )


def test_a_manager_without_a_list_is_unknown() -> None:
    assert RULE.judge(host_subject(swarm=SwarmFacts(state="active", control_available=True))).status is Status.UNKNOWN


def test_ready_nodes_pass() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    host=host(swarm=SwarmFacts(state="active", control_available=True)),
                    nodes=(NodeFacts(id="n", hostname="prod-02", state="ready"),),
                )
            )
        ).status
        is Status.PASS
    )


def test_a_node_drained_today_passes() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    host=host(swarm=SwarmFacts(state="active", control_available=True)),
                    nodes=(
                        NodeFacts(
                            id="n",
                            hostname="prod-02",
                            state="ready",
                            availability="drain",
                            updated_at=NOW - timedelta(hours=2),
                        ),
                    ),
                )
            )
        ).status
        is Status.PASS
    )
