from __future__ import annotations

import pytest

from fleet.inventory import Proven, Stated, StatedOnce
from fleet.readiness.findings import Outcome
from fleet.readiness.rules.trust.provenance_missing import ProvenanceMissing
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Status
from tests.builders import IMAGE_ID, around, image, image_subject

RULE = ProvenanceMissing()
OTHER = StatedOnce(about="sbom", kind="https://spdx.dev/Document", source="index")
MINE = StatedOnce(about="provenance", kind="https://slsa.dev/provenance/v1", source="index")


def judged(*stated: Stated) -> Outcome:
    return RULE.judge(ImageSubject(facts=image(), around=around(proven={IMAGE_ID: Proven(stated=stated)})))


def test_without_one_beside_the_image_it_fails_and_says_what_else_lies_there() -> None:
    outcome = judged(Stated(looked=True, found=(OTHER,)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence["statements"] == [OTHER.kind]
    assert judged(Stated(looked=True)).status is Status.FAIL


def test_one_that_lies_there_passes_and_is_not_called_signed() -> None:
    outcome = judged(Stated(looked=True, found=(OTHER, MINE)))
    assert outcome.status is Status.PASS
    assert "nobody signed it" in outcome.reason
    assert outcome.evidence["statement"]["signed by"] is None


def test_of_several_the_one_that_a_registered_key_signed_is_told() -> None:
    strangers = StatedOnce(about="provenance", kind="https://slsa.dev/provenance/v1", source="tag", signed=True)
    ours = StatedOnce(
        about="provenance", kind="https://slsa.dev/provenance/v1", source="referrer", signed=True, signer="ab" * 32
    )
    assert "by nobody who is registered" in judged(Stated(looked=True, found=(MINE, strangers))).reason
    outcome = judged(Stated(looked=True, found=(MINE, strangers)), Stated(looked=True, found=(ours,)))
    assert "A registered key signed it" in outcome.reason
    assert outcome.evidence["statement"]["signed by"] == "ab" * 32


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ((), "not registered"),
        ((Stated(),), "Nobody has looked yet"),
        ((Stated(obstacle="The registry asks us to wait."),), "asks us to wait"),
        ((Stated(looked=True, local=True),), "is this image"),
        ((Stated(looked=True), Stated(obstacle="The registry is away.")), "is away"),
    ],
)
def test_what_nobody_could_be_asked_is_unknown_and_a_blind_spot(stated: tuple[Stated, ...], why: str) -> None:
    outcome = judged(*stated)
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert why in outcome.reason


def test_without_a_digest_it_is_unknown_too() -> None:
    assert RULE.judge(image_subject(digests=())).status is Status.UNKNOWN
