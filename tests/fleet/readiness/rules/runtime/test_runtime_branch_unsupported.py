from __future__ import annotations

import pytest

from fleet.inventory import Component
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.runtime_branch_unsupported import RuntimeBranchUnsupported
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = RuntimeBranchUnsupported()


def test_an_ended_containerd_fails() -> None:
    assert (
        RULE.judge(host_subject(components=(Component("containerd", "1.6.20"), Component("runc", "1.4.3")))).status
        is Status.FAIL
    )


def test_an_ended_runc_fails() -> None:
    assert (
        RULE.judge(host_subject(components=(Component("containerd", "v2.3.6"), Component("runc", "1.1.12")))).status
        is Status.FAIL
    )


def test_podman_without_them_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman", components=())).status is Status.NOT_APPLICABLE


def test_neither_being_told_is_unknown() -> None:
    assert RULE.judge(host_subject(components=())).status is Status.UNKNOWN


def test_a_distributions_build_is_unknown() -> None:
    assert (
        RULE.judge(
            host_subject(components=(Component("containerd", "1.6.20~ds1-1+deb12u3"), Component("runc", "1.4.3")))
        ).status
        is Status.UNKNOWN
    )


def test_a_branch_that_the_table_does_not_have_is_unknown() -> None:
    assert (
        RULE.judge(host_subject(components=(Component("containerd", "v9.9.1"), Component("runc", "1.4.3")))).status
        is Status.UNKNOWN
    )


def test_unreported_components_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(components=None))


def test_living_branches_pass() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
