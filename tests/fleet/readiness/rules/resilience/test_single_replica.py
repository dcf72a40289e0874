from __future__ import annotations

from fleet.inventory import SwarmServiceFacts
from fleet.readiness.rules.resilience.single_replica import SingleReplica
from fleet.readiness.vocabulary import Status
from tests.builders import member, service_subject

RULE = SingleReplica()


def test_one_replica_fails() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.tier": "1"}))).status is Status.FAIL


def test_a_swarm_service_with_one_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(labels={"loadline.tier": "1"}),
                swarm=SwarmServiceFacts(id="s", name="web", mode="replicated", replicas=1),
            )
        ).status
        is Status.FAIL
    )


def test_a_global_service_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(labels={"loadline.tier": "1"}), swarm=SwarmServiceFacts(id="s", name="web", mode="global")
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_a_job_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.role": "job"}))).status is Status.NOT_APPLICABLE


def test_tier_3_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.tier": "3"}))).status is Status.NOT_APPLICABLE


def test_a_datastore_is_not_applicable() -> None:
    assert (
        RULE.judge(service_subject(member(image_reference="postgres:16", labels={"loadline.tier": "1"}))).status
        is Status.NOT_APPLICABLE
    )


def test_a_silent_host_may_have_another() -> None:
    assert (
        RULE.judge(service_subject(member(labels={"loadline.tier": "1"}), all_hosts_answered=False)).status
        is Status.UNKNOWN
    )


def test_two_replicas_pass() -> None:
    assert RULE.judge(service_subject()).status is Status.PASS
