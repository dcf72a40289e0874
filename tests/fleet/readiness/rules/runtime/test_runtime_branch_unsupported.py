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


def test_podmans_runc_fails_like_dockers() -> None:
    spoken = Component("OCI Runtime (runc)", "runc version 1.1.12\ncommit: v1.1.12-0-g51d5e94")
    outcome = RULE.judge(host_subject(kind="podman", components=(spoken,), runc_commit=None))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Components[runc].Version": "1.1.12"}


def test_podman_without_them_is_not_applicable() -> None:
    subject = host_subject(kind="podman", components=(), runc_commit=None)
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_neither_being_told_is_unknown() -> None:
    assert RULE.judge(host_subject(components=(), runc_commit=None)).status is Status.UNKNOWN


def test_one_of_the_two_being_told_is_unknown() -> None:
    outcome = RULE.judge(host_subject(components=(Component("runc", "1.4.3"),)))
    assert outcome.status is Status.UNKNOWN
    assert "which containerd" in outcome.reason


def test_a_distributions_build_is_unknown_with_upstreams_end_as_a_hint() -> None:
    parts = (Component("containerd", "1.6.20~ds1"), Component("runc", "1.4.3"))
    outcome = RULE.judge(host_subject(components=parts, containerd_commit="1.6.20~ds1-1+deb12u3"))
    assert outcome.status is Status.UNKNOWN
    assert "upstream's containerd 1.6 ended by 23 August 2025" in outcome.reason
    assert outcome.evidence["Components[containerd].Version"] == "1.6.20~ds1-1+deb12u3"


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
