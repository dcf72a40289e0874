from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_pids_limit import NoPidsLimit
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = NoPidsLimit()


def test_no_limit_fails() -> None:
    assert RULE.judge(container_subject(pids_limit=0)).status is Status.FAIL


def test_minus_one_is_no_limit() -> None:
    assert RULE.judge(container_subject(pids_limit=-1)).status is Status.FAIL


def test_null_is_no_limit() -> None:
    assert RULE.judge(container_subject(pids_limit=None)).status is Status.FAIL


def test_a_kernel_without_it_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(pids_limit=0, around=around(host=host(pids_limit=False)))).status
        is Status.NOT_APPLICABLE
    )


def test_what_was_not_inspected_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(inspected=False, pids_limit=None))


def test_a_limit_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
