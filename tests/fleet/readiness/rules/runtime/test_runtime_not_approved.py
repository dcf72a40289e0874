from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.policy import Policy
from fleet.readiness.rules.runtime.runtime_not_approved import RuntimeNotApproved
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = RuntimeNotApproved()


def test_a_runtime_that_nobody_approved_fails() -> None:
    assert RULE.judge(container_subject(runtime="sysbox-runc")).status is Status.FAIL


def test_the_engines_default_counts_where_none_is_named() -> None:
    assert (
        RULE.judge(container_subject(runtime="", around=around(host=host(default_runtime="lxc")))).status is Status.FAIL
    )


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(container_subject(around=around(host=host(kind="podman")))).status is Status.NOT_APPLICABLE


def test_an_unreported_runtime_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(runtime=None))


def test_runc_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS


def test_one_that_the_policy_approves_passes() -> None:
    assert (
        RULE.judge(
            container_subject(runtime="sysbox-runc", around=around(policy=Policy(approved_runtimes=("sysbox-runc",))))
        ).status
        is Status.PASS
    )
