from __future__ import annotations

from fleet.readiness.rules.resilience.replicas_on_one_host import ReplicasOnOneHost
from fleet.readiness.vocabulary import Status
from tests.builders import member, service_subject

RULE = ReplicasOnOneHost()


def test_two_on_one_host_fail() -> None:
    assert RULE.judge(service_subject(member(id="1", host="a"), member(id="2", host="a"))).status is Status.FAIL


def test_one_replica_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member())).status is Status.NOT_APPLICABLE


def test_a_silent_host_may_have_another() -> None:
    assert (
        RULE.judge(service_subject(member(id="1", host="a"), member(id="2", host="a"), all_hosts_answered=False)).status
        is Status.UNKNOWN
    )


def test_two_hosts_pass() -> None:
    assert RULE.judge(service_subject()).status is Status.PASS


def test_two_nodes_pass() -> None:
    assert (
        RULE.judge(service_subject(member(id="1", host="a", node_id="x"), member(id="2", host="a", node_id="y"))).status
        is Status.PASS
    )
