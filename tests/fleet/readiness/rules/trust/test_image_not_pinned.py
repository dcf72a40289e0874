from __future__ import annotations

import pytest

from fleet.readiness.assess import judge
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.image_not_pinned import ImageNotPinned
from fleet.readiness.vocabulary import Stage, Status
from tests.builders import DIGEST, around, container_subject, image

RULE = ImageNotPinned()


@pytest.mark.parametrize("reference", ["registry.internal/web:1.4", "web", "localhost:5000/web:latest"])
def test_a_tag_or_no_tag_fails_and_shows_what_to_pin_to(reference: str) -> None:
    outcome = RULE.judge(container_subject(image_reference=reference))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Image": reference, "RepoDigests": [f"registry.internal/web@{DIGEST}"]}


def test_an_image_that_has_no_digest_must_be_pushed_first() -> None:
    subject = container_subject(image_reference="web:1", around=around(images=(image(digests=()),)))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Image": "web:1"}
    assert "push" in outcome.reason


@pytest.mark.parametrize("stage", [Stage.STAGING, Stage.EXPERIMENT])
def test_it_is_judged_in_production_only(stage: Stage) -> None:
    subject = container_subject(image_reference="web:1", around=around(stage=stage))
    assert judge(subject, [RULE])[0].status is Status.NOT_APPLICABLE


def test_an_id_in_the_list_alone_is_unknown_because_the_tag_may_have_moved() -> None:
    subject = container_subject(image_reference="sha256:" + "a" * 64, inspected=False)
    assert RULE.judge(subject).status is Status.UNKNOWN


def test_an_unreported_name_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.Image"):
        RULE.judge(container_subject(image_reference=None))


@pytest.mark.parametrize("reference", [f"web@{DIGEST}", f"registry.internal/web:1.4@{DIGEST}", "sha256:" + "a" * 64])
def test_a_digest_or_an_id_passes(reference: str) -> None:
    assert RULE.judge(container_subject(image_reference=reference)).status is Status.PASS
