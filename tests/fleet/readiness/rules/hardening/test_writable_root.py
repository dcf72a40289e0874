from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.writable_root import WritableRoot
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = WritableRoot()


@pytest.mark.parametrize("privileged", [False, True])
def test_a_root_that_can_be_written_fails(privileged: bool) -> None:
    outcome = RULE.judge(container_subject(readonly_root=False, privileged=privileged))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.ReadonlyRootfs": False}


def test_a_build_agent_writes_for_a_living() -> None:
    outcome = RULE.judge(container_subject(readonly_root=False, labels={"loadline.role": "build"}))
    assert outcome.status is Status.NOT_APPLICABLE


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.ReadonlyRootfs"):
        RULE.judge(container_subject(readonly_root=None))


def test_a_read_only_root_passes() -> None:
    assert RULE.judge(container_subject(readonly_root=True)).status is Status.PASS
