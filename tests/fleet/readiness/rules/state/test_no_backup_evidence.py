from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.no_backup_evidence import NoBackupEvidence
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject, volume_mount, volume_subject

RULE = NoBackupEvidence()


def test_a_datastore_without_a_word_of_a_backup_fails() -> None:
    assert (
        RULE.judge(volume_subject(container_subject(image_reference="postgres:16", mounts=(volume_mount(),)))).status
        is Status.FAIL
    )


def test_a_label_that_says_none_fails() -> None:
    assert (
        RULE.judge(
            volume_subject(
                container_subject(image_reference="postgres:16", mounts=(volume_mount(),)),
                labels={"backup.policy": "none"},
            )
        ).status
        is Status.FAIL
    )


def test_a_volume_without_a_datastore_is_not_applicable() -> None:
    assert RULE.judge(volume_subject(container_subject(mounts=(volume_mount(),)))).status is Status.NOT_APPLICABLE


def test_a_cache_is_not_applicable() -> None:
    assert (
        RULE.judge(
            volume_subject(
                container_subject(
                    image_reference="postgres:16", mounts=(volume_mount(),), labels={"loadline.role": "cache"}
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(
            volume_subject(container_subject(image_reference="postgres:16", mounts=(volume_mount(),)), labels=None)
        )


def test_a_label_of_the_volume_passes_as_a_claim() -> None:
    assert (
        RULE.judge(
            volume_subject(
                container_subject(image_reference="postgres:16", mounts=(volume_mount(),)),
                labels={"backup.policy": "daily"},
            )
        ).status
        is Status.PASS
    )


def test_a_label_of_the_container_passes_as_a_claim() -> None:
    assert (
        RULE.judge(
            volume_subject(
                container_subject(image_reference="postgres:16", mounts=(volume_mount(),), labels={"backup": "weekly"})
            )
        ).status
        is Status.PASS
    )
