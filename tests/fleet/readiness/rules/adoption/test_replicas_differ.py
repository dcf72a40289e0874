from __future__ import annotations

from datetime import timedelta

from fleet.readiness.rules.adoption.replicas_differ import ReplicasDiffer
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, member, service_subject

RULE = ReplicasDiffer()


def test_another_limit_fails() -> None:
    assert (
        RULE.judge(service_subject(member(id="1", name="a"), member(id="2", name="b", memory=1 << 20))).status
        is Status.FAIL
    )


def test_another_hash_of_compose_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(id="1", labels={"com.docker.compose.config-hash": "aaaaaaaa"}),
                member(id="2", labels={"com.docker.compose.config-hash": "bbbbbbbb"}),
            )
        ).status
        is Status.FAIL
    )


def test_one_replica_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member())).status is Status.NOT_APPLICABLE


def test_a_rollout_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(member(id="1"), member(id="2", memory=1, started_at=NOW - timedelta(minutes=3)))
        ).status
        is Status.NOT_APPLICABLE
    )


def test_one_that_was_not_inspected_is_unknown() -> None:
    assert RULE.judge(service_subject(member(id="1"), member(id="2", inspected=False))).status is Status.UNKNOWN


def test_replicas_alike_pass() -> None:
    assert RULE.judge(service_subject()).status is Status.PASS
