from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.base_image_unknown import BaseImageUnknown
from fleet.readiness.vocabulary import Status
from tests.builders import DIGEST, image_subject

RULE = BaseImageUnknown()


def test_no_label_of_a_base_fails() -> None:
    assert RULE.judge(image_subject(labels={})).status is Status.FAIL


def test_an_official_image_of_the_hub_is_a_blind_spot() -> None:
    outcome = RULE.judge(image_subject(labels={}, digests=(f"redis@{DIGEST}",)))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(image_subject(labels=None))


def test_the_name_of_a_base_passes() -> None:
    assert (
        RULE.judge(image_subject(labels={"org.opencontainers.image.base.name": "docker.io/library/debian:13"})).status
        is Status.PASS
    )


def test_its_digest_passes() -> None:
    assert RULE.judge(image_subject(labels={"org.opencontainers.image.base.digest": DIGEST})).status is Status.PASS
