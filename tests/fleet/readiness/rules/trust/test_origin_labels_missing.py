from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.origin_labels_missing import OriginLabelsMissing
from fleet.readiness.vocabulary import Status
from tests.builders import DIGEST, image_subject

RULE = OriginLabelsMissing()


def test_a_missing_label_fails() -> None:
    assert (
        RULE.judge(image_subject(labels={"org.opencontainers.image.source": "https://git.internal/web"})).status
        is Status.FAIL
    )


def test_an_empty_label_is_missing() -> None:
    assert (
        RULE.judge(
            image_subject(
                labels={f"org.opencontainers.image.{name}": "" for name in ("source", "revision", "version", "created")}
            )
        ).status
        is Status.FAIL
    )


def test_an_official_image_of_the_hub_is_not_applicable() -> None:
    subject = image_subject(labels={}, digests=(f"redis@{DIGEST}",))
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(image_subject(labels=None))


def test_all_four_pass() -> None:
    assert RULE.judge(image_subject()).status is Status.PASS
