from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.cgroup_v1 import CgroupV1
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = CgroupV1()


def test_version_1_fails() -> None:
    assert RULE.judge(host_subject(cgroup_version="1")).status is Status.FAIL


def test_a_version_that_nobody_knows_is_unknown() -> None:
    assert RULE.judge(host_subject(cgroup_version="hybrid")).status is Status.UNKNOWN


def test_an_unreported_version_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(cgroup_version=None))


def test_version_2_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
