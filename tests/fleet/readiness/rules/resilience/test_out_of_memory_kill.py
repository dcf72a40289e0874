from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.out_of_memory_kill import OutOfMemoryKill
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = OutOfMemoryKill()


def test_a_killed_container_fails() -> None:
    outcome = RULE.judge(container_subject(oom_killed=True, exit_code=137, memory=64 << 20))
    assert outcome.status is Status.FAIL
    assert outcome.severity is None
    assert outcome.evidence == {"State.OOMKilled": True, "State.ExitCode": 137, "HostConfig.Memory": 64 << 20}


@pytest.mark.parametrize("killed", [False, True, None])
def test_one_without_a_limit_that_may_not_be_killed_is_critical(killed: bool | None) -> None:
    outcome = RULE.judge(container_subject(oom_kill_disable=True, memory=0, oom_killed=killed))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"State\.OOMKilled"):
        RULE.judge(container_subject(oom_killed=None))


@pytest.mark.parametrize(("disabled", "memory"), [(True, 64 << 20), (False, 0), (None, 0), (True, None)])
def test_a_container_that_was_not_killed_passes(disabled: bool | None, memory: int | None) -> None:
    subject = container_subject(oom_killed=False, oom_kill_disable=disabled, memory=memory)
    assert RULE.judge(subject).status is Status.PASS
