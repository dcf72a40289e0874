from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.limits_not_enforced import LimitsNotEnforced
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = LimitsNotEnforced()


def test_a_limit_that_the_kernel_does_not_have_fails() -> None:
    assert RULE.judge(host_subject(memory_limit=False)).status is Status.FAIL


def test_a_warning_fails() -> None:
    assert RULE.judge(host_subject(warnings=("WARNING: No swap limit support",))).status is Status.FAIL


def test_an_unreported_limit_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(pids_limit=None))


def test_another_warning_passes() -> None:
    assert RULE.judge(host_subject(warnings=("WARNING: bridge-nf-call-iptables is disabled",))).status is Status.PASS


def test_all_of_them_pass() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
