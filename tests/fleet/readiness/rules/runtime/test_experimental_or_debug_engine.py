from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.experimental_or_debug_engine import ExperimentalOrDebugEngine
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = ExperimentalOrDebugEngine()


def test_experimental_features_fail_and_violate_the_benchmarks_item() -> None:
    outcome = RULE.judge(host_subject(experimental=True))
    assert (outcome.status, outcome.cis) == (Status.FAIL, None)
    assert RULE.cis == ("2.18",)


def test_debugging_fails_and_is_no_item_of_the_benchmark() -> None:
    outcome = RULE.judge(host_subject(debug=True))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ())


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman", experimental=True)).status is Status.NOT_APPLICABLE


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(debug=None))


def test_an_ordinary_engine_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
