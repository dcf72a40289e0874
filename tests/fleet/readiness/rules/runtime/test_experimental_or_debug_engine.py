from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.experimental_or_debug_engine import ExperimentalOrDebugEngine
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = ExperimentalOrDebugEngine()


def test_experimental_features_fail() -> None:
    assert RULE.judge(host_subject(experimental=True)).status is Status.FAIL


def test_debugging_fails() -> None:
    assert RULE.judge(host_subject(debug=True)).status is Status.FAIL


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman", experimental=True)).status is Status.NOT_APPLICABLE


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(debug=None))


def test_an_ordinary_engine_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
