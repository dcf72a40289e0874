from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.log_without_rotation import LogWithoutRotation
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = LogWithoutRotation()


def test_a_file_without_an_end_fails() -> None:
    assert RULE.judge(container_subject(log_driver="json-file")).status is Status.FAIL


def test_another_driver_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_podman_is_unknown() -> None:
    assert (
        RULE.judge(container_subject(log_driver="json-file", around=around(host=host(kind="podman")))).status
        is Status.UNKNOWN
    )


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(log_driver=None))


def test_unreported_options_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(log_driver="json-file", log_option_names=None))


def test_a_rotated_file_passes() -> None:
    assert (
        RULE.judge(container_subject(log_driver="json-file", log_option_names=("max-file", "max-size"))).status
        is Status.PASS
    )
