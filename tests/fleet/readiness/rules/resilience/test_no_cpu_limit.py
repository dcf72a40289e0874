from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_cpu_limit import NoCpuLimit
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = NoCpuLimit()


def test_neither_limit_nor_share_fails() -> None:
    assert RULE.judge(container_subject(nano_cpus=0)).status is Status.FAIL


def test_everybodys_share_fails() -> None:
    assert RULE.judge(container_subject(nano_cpus=0, cpu_shares=1024)).status is Status.FAIL


def test_unreported_shares_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(nano_cpus=0, cpu_shares=None))


def test_an_unreported_limit_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(nano_cpus=None))


def test_a_limit_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS


def test_a_quota_passes() -> None:
    assert RULE.judge(container_subject(nano_cpus=0, cpu_quota=50000)).status is Status.PASS


def test_a_share_of_its_own_passes() -> None:
    assert RULE.judge(container_subject(nano_cpus=0, cpu_shares=512)).status is Status.PASS


def test_processors_of_its_own_pass() -> None:
    assert RULE.judge(container_subject(nano_cpus=0, cpuset_cpus="0-1")).status is Status.PASS
