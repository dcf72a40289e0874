from __future__ import annotations

from fleet.inventory import SwarmServiceFacts
from fleet.readiness.rules.resilience.unsafe_rollout import UnsafeRollout
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import service_subject

RULE = UnsafeRollout()


def test_a_stuck_update_fails_highly() -> None:
    outcome = RULE.judge(
        service_subject(swarm=SwarmServiceFacts(id="s", name="web", replicas=2, update_state="paused"))
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


def test_no_settings_at_all_fail() -> None:
    outcome = RULE.judge(
        service_subject(swarm=SwarmServiceFacts(id="s", name="web", replicas=2, rollback_configured=True))
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_all_at_once_fails() -> None:
    outcome = RULE.judge(
        service_subject(
            swarm=SwarmServiceFacts(
                id="s", name="web", replicas=2, update_parallelism=0, update_failure_action="rollback"
            )
        )
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_going_on_after_a_failure_fails() -> None:
    outcome = RULE.judge(
        service_subject(
            swarm=SwarmServiceFacts(
                id="s",
                name="web",
                replicas=2,
                update_parallelism=1,
                update_failure_action="continue",
                rollback_configured=True,
            )
        )
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_no_way_back_fails() -> None:
    outcome = RULE.judge(
        service_subject(
            swarm=SwarmServiceFacts(
                id="s",
                name="web",
                replicas=2,
                update_parallelism=1,
                update_failure_action="pause",
                rollback_configured=False,
            )
        )
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(service_subject()).status is Status.NOT_APPLICABLE


def test_one_replica_is_not_applicable() -> None:
    assert (
        RULE.judge(service_subject(swarm=SwarmServiceFacts(id="s", name="web", replicas=1))).status
        is Status.NOT_APPLICABLE
    )


def test_step_by_step_and_back_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    replicas=2,
                    update_parallelism=1,
                    update_failure_action="rollback",
                    rollback_configured=False,
                )
            )
        ).status
        is Status.PASS
    )
