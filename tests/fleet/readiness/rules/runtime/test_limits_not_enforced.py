from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.limits_not_enforced import LimitsNotEnforced
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = LimitsNotEnforced()


def test_a_limit_that_the_kernel_does_not_have_fails() -> None:
    assert RULE.judge(host_subject(memory_limit=False)).status is Status.FAIL


@pytest.mark.parametrize(
    "what", ["swap limit", "pids limit", "cpu cfs quota", "cpu cfs period", "cpu shares", "cpuset"]
)
def test_a_warning_about_a_limit_fails(what: str) -> None:
    outcome = RULE.judge(host_subject(warnings=(f"WARNING: No {what} support",)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Warnings": [f"WARNING: No {what} support"]}


def test_a_rootless_engine_without_control_groups_fails() -> None:
    assert RULE.judge(host_subject(cgroup_driver="none")).status is Status.FAIL


def test_an_unreported_limit_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(pids_limit=None))


@pytest.mark.parametrize(
    "warning",
    [
        "WARNING: bridge-nf-call-iptables is disabled",
        "WARNING: No io.weight support",
        "WARNING: No oom kill disable support",
        "WARNING: No kernel memory TCP limit support",
    ],
)
def test_a_warning_that_no_rule_counts_on_passes(warning: str) -> None:
    assert RULE.judge(host_subject(warnings=(warning,))).status is Status.PASS


def test_all_of_them_pass() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
