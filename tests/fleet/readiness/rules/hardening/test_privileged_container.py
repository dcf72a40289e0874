from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.privileged_container import PrivilegedContainer
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = PrivilegedContainer()


def test_a_privileged_container_fails() -> None:
    outcome = RULE.judge(container_subject(privileged=True))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.Privileged": True}


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.Privileged"):
        RULE.judge(container_subject(privileged=None))


def test_an_ordinary_container_passes() -> None:
    assert RULE.judge(container_subject(privileged=False)).status is Status.PASS
