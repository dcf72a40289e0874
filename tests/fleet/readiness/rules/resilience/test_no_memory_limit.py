from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_memory_limit import NoMemoryLimit
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = NoMemoryLimit()


def test_no_limit_fails() -> None:
    outcome = RULE.judge(container_subject(memory=0))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.Memory": 0}


@pytest.mark.parametrize("memory", [0, 512 << 20])
def test_a_kernel_that_cannot_enforce_limits_is_unknown(memory: int) -> None:
    outcome = RULE.judge(container_subject(memory=memory, around=around(host=host(memory_limit=False))))
    assert outcome.status is Status.UNKNOWN
    assert outcome.evidence == {"MemoryLimit": False}


def test_an_unreported_limit_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.Memory"):
        RULE.judge(container_subject(memory=None))


@pytest.mark.parametrize("enforced", [True, None])
def test_a_limit_passes(enforced: bool | None) -> None:
    outcome = RULE.judge(container_subject(memory=1, around=around(host=host(memory_limit=enforced))))
    assert outcome.status is Status.PASS
