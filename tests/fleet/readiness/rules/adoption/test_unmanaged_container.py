from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.adoption.unmanaged_container import UnmanagedContainer
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, container_subject

RULE = UnmanagedContainer()


def test_no_label_of_a_service_fails() -> None:
    assert RULE.judge(container_subject(labels={})).status is Status.FAIL


def test_a_one_off_job_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(labels={}, auto_remove=True, created_at=NOW - timedelta(minutes=5))).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(labels=None))


def test_a_compose_project_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS


def test_its_own_label_passes() -> None:
    assert RULE.judge(container_subject(labels={"loadline.service": "web"})).status is Status.PASS
