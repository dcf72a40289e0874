from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.inventory import SwarmServiceFacts, TaskFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.tasks_missing import TasksMissing
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, service_subject

RULE = TasksMissing()


def test_fewer_than_wanted_fail() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    mode="replicated",
                    running_tasks=1,
                    desired_tasks=3,
                    updated_at=NOW - timedelta(hours=1),
                )
            )
        ).status
        is Status.FAIL
    )


def test_a_failure_of_an_hour_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    mode="replicated",
                    running_tasks=1,
                    desired_tasks=3,
                    updated_at=NOW - timedelta(hours=1),
                ),
                tasks=(
                    TaskFacts(
                        id="t", service_id="s", state="rejected", error="no such image", at=NOW - timedelta(hours=1)
                    ),
                ),
            )
        ).status
        is Status.FAIL
    )


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(service_subject()).status is Status.NOT_APPLICABLE


def test_a_job_is_not_applicable() -> None:
    assert (
        RULE.judge(service_subject(swarm=SwarmServiceFacts(id="s", name="web", mode="replicated-job"))).status
        is Status.NOT_APPLICABLE
    )


def test_a_service_scaled_to_none_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    mode="replicated",
                    running_tasks=0,
                    desired_tasks=0,
                    updated_at=NOW - timedelta(hours=1),
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_tasks_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(service_subject(swarm=SwarmServiceFacts(id="s", name="web")))


def test_as_many_as_wanted_pass() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    mode="replicated",
                    running_tasks=3,
                    desired_tasks=3,
                    updated_at=NOW - timedelta(hours=1),
                )
            )
        ).status
        is Status.PASS
    )


def test_what_has_not_lasted_five_minutes_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s",
                    name="web",
                    mode="replicated",
                    running_tasks=1,
                    desired_tasks=3,
                    updated_at=NOW - timedelta(hours=1),
                ),
                tasks=(TaskFacts(id="t", service_id="s", state="failed", at=NOW - timedelta(minutes=2)),),
            )
        ).status
        is Status.PASS
    )


def test_a_change_gives_it_time() -> None:
    assert (
        RULE.judge(
            service_subject(
                swarm=SwarmServiceFacts(
                    id="s", name="web", running_tasks=1, desired_tasks=3, updated_at=NOW - timedelta(minutes=1)
                )
            )
        ).status
        is Status.PASS
    )
