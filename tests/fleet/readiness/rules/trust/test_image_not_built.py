from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.image_not_built import ImageNotBuilt
from fleet.readiness.vocabulary import Status
from tests.builders import image_subject

RULE = ImageNotBuilt()


def test_an_imported_image_fails() -> None:
    assert RULE.judge(image_subject(comment="Imported from -", layers=1)).status is Status.FAIL


@pytest.mark.parametrize("comment", ["", "before the upgrade"])
def test_a_commit_and_an_old_builder_look_alike(comment: str) -> None:
    outcome = RULE.judge(image_subject(comment=comment))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)


def test_an_unreported_comment_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(image_subject(comment=None))


def test_a_built_image_passes() -> None:
    assert RULE.judge(image_subject(comment="buildkit.dockerfile.v0")).status is Status.PASS
