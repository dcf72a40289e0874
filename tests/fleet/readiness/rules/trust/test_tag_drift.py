from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.inventory import ImageFacts, Proven, TagMeaning
from fleet.readiness.findings import MissingFactError, Outcome
from fleet.readiness.rules.trust.tag_drift import TagDrift
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import IMAGE_ID, around, container_subject, image

RULE = TagDrift()
OTHER_ID = "sha256:" + "b" * 64


def started_by(reference: str, *images: ImageFacts, listed: str | None = IMAGE_ID) -> ContainerSubject:
    """A container of the image IMAGE_ID; the engine lists its image as `listed`."""
    return container_subject(image_reference=reference, listed_image=listed, around=around(images=images))


@pytest.mark.parametrize(
    ("reference", "tag"), [("registry.internal/web:1.4", "registry.internal/web:1.4"), ("web", "web:latest")]
)
def test_a_tag_that_another_image_has_now_fails(reference: str, tag: str) -> None:
    outcome = RULE.judge(started_by(reference, image(tags=()), image(id=OTHER_ID, tags=(tag,))))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Image": IMAGE_ID, "Config.Image": reference, "RepoTags": {reference: OTHER_ID}}


def test_a_digest_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_an_image_id_is_not_applicable() -> None:
    assert RULE.judge(container_subject(image_reference=IMAGE_ID)).status is Status.NOT_APPLICABLE


def test_an_id_in_the_list_alone_is_unknown_because_the_tag_may_have_moved() -> None:
    subject = container_subject(image_reference=IMAGE_ID, listed_image=IMAGE_ID, inspected=False)
    assert RULE.judge(subject).status is Status.UNKNOWN


def holding(meaning: TagMeaning | None) -> Outcome:
    """Of a tag that still means the image on the host."""
    subject = started_by("web:1", image(tags=("web:1",)), listed="web:1")
    proven = {IMAGE_ID: Proven(tags=(meaning,))} if meaning else {}
    return RULE.judge(replace(subject, around=replace(subject.around, proven=proven)))


def test_a_tag_that_holds_here_is_a_blind_spot_where_nobody_registered_its_registry() -> None:
    outcome = holding(None)
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert "registered docker.io" in outcome.reason


def test_a_registry_that_was_not_asked_yet_is_a_blind_spot() -> None:
    outcome = holding(TagMeaning(reference="web:1"))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)


def test_a_registry_that_cannot_be_asked_says_nothing() -> None:
    outcome = holding(TagMeaning(reference="web:1", obstacle="No answer."))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, False)
    assert outcome.reason.endswith("No answer.")


def test_a_tag_that_means_another_image_in_the_registry_has_drifted() -> None:
    outcome = holding(TagMeaning(reference="web:1", same=False, digest=OTHER_ID))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Image": "web:1", "Registry": OTHER_ID}


def test_a_tag_that_means_the_image_here_and_there_passes() -> None:
    outcome = holding(TagMeaning(reference="web:1", same=True, digest=IMAGE_ID, obstacle="No answer."))
    assert outcome.status is Status.PASS


def test_what_another_tag_of_the_image_means_is_nothing_to_this_one() -> None:
    assert holding(TagMeaning(reference="web:2", same=True, digest=IMAGE_ID)).status is Status.UNKNOWN


def test_a_tag_that_the_registry_does_not_have_is_unknown() -> None:
    assert holding(TagMeaning(reference="web:1", same=False)).status is Status.UNKNOWN


def test_a_tag_that_was_removed_did_not_move() -> None:
    outcome = RULE.judge(started_by("web:1", image(tags=()), image(id=OTHER_ID, tags=("web:2",))))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert "gone" in outcome.reason


def test_lists_that_contradict_each_other_are_unknown() -> None:
    outcome = RULE.judge(started_by("web:1", image(tags=("web:1",))))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, False)


def test_an_unreported_name_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Image"):
        RULE.judge(started_by("web:1", listed=None))


def test_unreported_images_are_a_missing_fact() -> None:
    unread = replace(around(), images=None)
    with pytest.raises(MissingFactError, match="RepoTags"):
        RULE.judge(container_subject(image_reference="web:1", listed_image=IMAGE_ID, around=unread))
