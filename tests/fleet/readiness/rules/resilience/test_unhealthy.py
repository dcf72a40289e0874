from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.unhealthy import Unhealthy
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = Unhealthy()


def test_an_unhealthy_running_container_fails() -> None:
    outcome = RULE.judge(container_subject(state="running", health="unhealthy", failing_streak=7))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"State.Health.Status": "unhealthy", "State.Health.FailingStreak": 7}


@pytest.mark.parametrize("state", ["exited", "paused", "created", "restarting", "dead"])
def test_one_that_does_not_run_is_left_out(state: str) -> None:
    # Engines report every stopped and paused container as unhealthy.
    outcome = RULE.judge(container_subject(state=state, health="unhealthy"))
    assert outcome.status is Status.NOT_APPLICABLE
    assert state in outcome.reason


def test_one_without_a_health_check_is_left_out() -> None:
    assert RULE.judge(container_subject(health_check=None, health=None)).status is Status.NOT_APPLICABLE


def test_one_that_the_list_shows_without_health_is_left_out() -> None:
    subject = container_subject(inspected=False, health_check=None, health="none")
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("health", [None, ""])
def test_an_unreported_health_is_a_missing_fact(health: str | None) -> None:
    with pytest.raises(MissingFactError, match=r"State\.Health\.Status"):
        RULE.judge(container_subject(health=health))


def test_an_unreported_state_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"State\.Status"):
        RULE.judge(container_subject(state=None, health="unhealthy"))


def test_a_starting_container_passes_with_a_remark() -> None:
    outcome = RULE.judge(container_subject(health="starting"))
    assert outcome.status is Status.PASS
    assert "no probe has counted" in outcome.reason


def test_a_healthy_container_passes() -> None:
    assert RULE.judge(container_subject(health="healthy")).status is Status.PASS
