from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.growing_writable_layer import GrowingWritableLayer
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = GrowingWritableLayer()


def test_more_than_a_hundred_mebibytes_fail() -> None:
    outcome = RULE.judge(container_subject(readonly_root=False, size_rw=101 * 1024**2))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_a_datastore_fails_highly() -> None:
    outcome = RULE.judge(container_subject(readonly_root=False, size_rw=400 * 1024**2, image_reference="postgres:16"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


def test_a_read_only_root_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_a_size_that_was_not_asked_for_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(readonly_root=False, size_rw=None))


def test_a_small_layer_passes() -> None:
    assert RULE.judge(container_subject(readonly_root=False, size_rw=100 * 1024**2)).status is Status.PASS
