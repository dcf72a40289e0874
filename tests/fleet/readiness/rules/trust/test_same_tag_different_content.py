from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.same_tag_different_content import SameTagDifferentContent
from fleet.readiness.subjects import Member
from fleet.readiness.vocabulary import Status
from tests.builders import IMAGE_ID, NOW, image, member, service_subject

RULE = SameTagDifferentContent()


def on(name: str, *contents: str, host: str = "", **changes: Any) -> Member:
    """On the host of that name, a container whose image has these digests."""
    digests = tuple(f"registry.internal/web@sha256:{content * 64}" for content in contents)
    facts = {"image_reference": "registry.internal/web:1.4", "image_id": f"sha256:{name * 64}", **changes}
    return member(id=name * 64, name=f"web-{name}", host=host or name, image=image(digests=digests), **facts)


def status(*members: Member) -> Status:
    return RULE.judge(service_subject(*members)).status


def test_one_reference_with_two_contents_fails() -> None:
    outcome = RULE.judge(service_subject(on("a", "1"), on("b", "2"), on("c", "2")))
    assert outcome.status is Status.FAIL
    digests = {f"sha256:{'1' * 64}": ["a"], f"sha256:{'2' * 64}": ["b", "c"]}
    assert outcome.evidence == {"RepoDigests": {"registry.internal/web:1.4": digests}}


def test_one_that_restarts_all_the_time_is_no_rollout() -> None:
    assert status(on("a", "1"), on("b", "2", started_at=NOW - timedelta(seconds=5))) is Status.FAIL


def test_what_is_mixed_counts_though_one_host_does_not_tell() -> None:
    assert status(on("a", "1"), on("b", "2"), on("c")) is Status.FAIL


def test_one_host_is_not_applicable() -> None:
    assert status(on("a", "1"), on("b", "2", host="a")) is Status.NOT_APPLICABLE


def test_a_rollout_is_not_applicable() -> None:
    assert status(on("a", "1"), on("b", "2", created_at=NOW - timedelta(minutes=29))) is Status.NOT_APPLICABLE
    assert status(on("a", "1"), on("b", "2", created_at=NOW - timedelta(minutes=30))) is Status.FAIL


def test_a_digest_that_is_not_known_is_unknown() -> None:
    outcome = RULE.judge(service_subject(on("a", "1"), on("b"), on("c")))
    assert outcome.status is Status.UNKNOWN
    assert outcome.reason == "The digest is not known on b, c."
    assert status(on("a"), on("b")) is Status.UNKNOWN


@pytest.mark.parametrize("others", [[on("b", "1", fresh=False)], [on("b", "1"), on("c", "2", fresh=False)]])
def test_a_silent_host_is_nothing_to_compare_with(others: list[Member]) -> None:
    assert status(on("a", "1"), *others) is Status.UNKNOWN


def test_an_unreported_name_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.Image"):
        RULE.judge(service_subject(on("a", "1"), on("b", "1", image_reference=None)))


def test_one_content_passes() -> None:
    outcome = RULE.judge(service_subject(on("a", "1"), on("b", "1")))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Config.Image": ["registry.internal/web:1.4"]}


def test_a_digest_in_common_is_one_content() -> None:
    assert status(on("a", "1"), on("b", "2"), on("c", "1", "2")) is Status.PASS


def test_one_image_id_is_one_content() -> None:
    assert status(on("a", image_id=IMAGE_ID), on("b", image_id=IMAGE_ID)) is Status.PASS
    assert status(on("a", "1", image_id=IMAGE_ID), on("b", image_id=IMAGE_ID)) is Status.PASS


def test_two_references_may_differ() -> None:
    assert status(on("a", "1"), on("b", "2", image_reference="registry.internal/web:2")) is Status.PASS
