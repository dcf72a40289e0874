from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.engine_end_of_life import EngineEndOfLife
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import host_subject

RULE = EngineEndOfLife()


def test_an_ended_branch_fails() -> None:
    outcome = RULE.judge(host_subject(engine_version="28.5.2"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_one_that_ended_more_than_a_year_ago_is_critical() -> None:
    outcome = RULE.judge(host_subject(engine_version="20.10.24"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


def test_a_distributions_build_ends_with_the_distribution() -> None:
    outcome = RULE.judge(
        host_subject(engine_version="20.10.24+dfsg1", operating_system="Debian GNU/Linux 10 (buster)", os_version="10")
    )
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_a_version_that_is_none_is_unknown() -> None:
    assert RULE.judge(host_subject(engine_version="library-import")).status is Status.UNKNOWN


def test_a_branch_that_the_table_does_not_have_is_unknown() -> None:
    assert RULE.judge(host_subject(engine_version="31.0.1")).status is Status.UNKNOWN


def test_a_distribution_that_the_table_does_not_have_is_unknown() -> None:
    assert (
        RULE.judge(host_subject(engine_version="20.10.24+dfsg1", operating_system="Minix 3")).status is Status.UNKNOWN
    )


def test_an_unreported_version_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(engine_version=None))


def test_a_current_engine_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


def test_a_distributions_build_passes_while_the_distribution_is_supported() -> None:
    assert (
        RULE.judge(
            host_subject(
                engine_version="20.10.24+dfsg1", operating_system="Debian GNU/Linux 12 (bookworm)", os_version="12"
            )
        ).status
        is Status.PASS
    )


def test_podman_has_branches_of_its_own() -> None:
    assert RULE.judge(host_subject(engine_version="6.1.0", kind="podman")).status is Status.PASS
