from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.latest_tag import LatestTag
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = LatestTag()


def test_the_tag_latest_fails() -> None:
    assert RULE.judge(container_subject(image_reference="registry.internal/web:latest")).status is Status.FAIL


def test_no_tag_fails() -> None:
    assert RULE.judge(container_subject(image_reference="registry.internal/web")).status is Status.FAIL


def test_a_digest_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_an_image_id_is_not_applicable() -> None:
    assert RULE.judge(container_subject(image_reference="sha256:" + "e" * 64)).status is Status.NOT_APPLICABLE


def test_an_id_in_the_list_alone_is_unknown_because_the_tag_may_have_moved() -> None:
    subject = container_subject(image_reference="sha256:" + "e" * 64, inspected=False)
    assert RULE.judge(subject).status is Status.UNKNOWN


def test_an_unreported_reference_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(image_reference=None))


def test_a_version_passes() -> None:
    assert RULE.judge(container_subject(image_reference="registry.internal/web:1.4")).status is Status.PASS
