from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import Proof, Proven
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.image_without_origin import ImageWithoutOrigin
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Status
from tests.builders import IMAGE_ID, around, host, image, image_subject

RULE = ImageWithoutOrigin()


def test_an_image_without_digests_fails() -> None:
    outcome = RULE.judge(image_subject(digests=(), tags=("web:local",)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"RepoTags": ["web:local"], "RepoDigests": []}


def test_an_image_that_the_engine_says_was_built_here_fails_though_it_has_a_digest() -> None:
    outcome = RULE.judge(image_subject(built_here=True, containerd_store=True))
    assert outcome.status is Status.FAIL


def test_digests_prove_nothing_on_podman() -> None:
    subject = ImageSubject(facts=image(), around=around(host=host(kind="podman")))
    assert RULE.judge(subject).status is Status.UNKNOWN


def test_digests_prove_nothing_on_the_containerd_store() -> None:
    assert RULE.judge(image_subject(containerd_store=True)).status is Status.UNKNOWN


def test_unreported_digests_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="RepoDigests"):
        RULE.judge(image_subject(digests=None))


def test_an_image_with_a_digest_passes() -> None:
    assert RULE.judge(image_subject()).status is Status.PASS


def test_an_image_that_the_engine_pulled_passes_on_any_store() -> None:
    outcome = RULE.judge(image_subject(containerd_store=True, pulled_from=("docker.io/library/redis",)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Identity.Pull": ["docker.io/library/redis"]}


def proven(*states: str, **facts: Any) -> ImageSubject:
    """An image that runs under a name for each of these states."""
    proofs = tuple(
        Proof(name=f"registry.internal/web:{at}", state=one, sentence="So.") for at, one in enumerate(states)
    )
    return ImageSubject(facts=image(**facts), around=replace(around(), proven={IMAGE_ID: Proven(proofs=proofs)}))


def test_one_that_was_read_from_its_registry_passes_whatever_the_engine_tells() -> None:
    outcome = RULE.judge(proven("local", "verified", digests=()))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Registry": ["registry.internal/web:1"]}


def test_what_the_engine_cannot_tell_a_registry_that_does_not_have_it_does() -> None:
    assert RULE.judge(proven("local", containerd_store=True)).status is Status.FAIL
    assert RULE.judge(proven("local", "unsigned", containerd_store=True)).status is Status.UNKNOWN


def test_a_renamed_image_has_the_origin_that_its_digests_tell() -> None:
    assert RULE.judge(proven("local")).status is Status.PASS
