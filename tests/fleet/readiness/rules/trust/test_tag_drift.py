from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.tag_drift import TagDrift
from fleet.readiness.vocabulary import Status
from tests.builders import IMAGE_ID, container_subject

RULE = TagDrift()


def test_a_tag_that_moved_on_this_host_fails() -> None:
    assert (
        RULE.judge(container_subject(image_reference="registry.internal/web:1.4", listed_image=IMAGE_ID)).status
        is Status.FAIL
    )


def test_a_digest_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_an_image_id_is_not_applicable() -> None:
    assert RULE.judge(container_subject(image_reference=IMAGE_ID)).status is Status.NOT_APPLICABLE


def test_a_tag_that_holds_here_is_unknown() -> None:
    assert (
        RULE.judge(
            container_subject(image_reference="registry.internal/web:1.4", listed_image="registry.internal/web:1.4")
        ).status
        is Status.UNKNOWN
    )


def test_an_image_that_is_not_listed_is_unknown() -> None:
    assert (
        RULE.judge(
            container_subject(
                image_reference="registry.internal/web:1.4",
                listed_image="registry.internal/web:1.4",
                image_id="sha256:0",
            )
        ).status
        is Status.UNKNOWN
    )


def test_an_unreported_name_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(image_reference="registry.internal/web:1.4", listed_image=None))
