from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.image_without_origin import ImageWithoutOrigin
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host, image, image_subject

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
