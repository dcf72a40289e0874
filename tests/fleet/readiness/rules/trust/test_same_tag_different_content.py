from __future__ import annotations

from datetime import timedelta
from typing import Any

from fleet.readiness.rules.trust.same_tag_different_content import SameTagDifferentContent
from fleet.readiness.subjects import Member
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, image, member, service_subject

RULE = SameTagDifferentContent()


def on(name: str, content: str | None, **changes: Any) -> Member:
    digests = (f"registry.internal/web@sha256:{content * 64}",) if content else None
    reference = {"image_reference": "registry.internal/web:1.4", **changes}
    return member(id=name * 64, name=f"web-{name}", host=name, image=image(digests=digests), **reference)


def test_one_reference_with_two_contents_fails() -> None:
    assert RULE.judge(service_subject(on("a", "1"), on("b", "2"))).status is Status.FAIL


def test_one_host_is_not_applicable() -> None:
    assert RULE.judge(service_subject(on("a", "1"), on("a", "2"))).status is Status.NOT_APPLICABLE


def test_a_rollout_is_not_applicable() -> None:
    assert (
        RULE.judge(service_subject(on("a", "1"), on("b", "2", started_at=NOW - timedelta(minutes=5)))).status
        is Status.NOT_APPLICABLE
    )


def test_a_digest_that_is_not_known_is_unknown() -> None:
    assert RULE.judge(service_subject(on("a", "1"), on("b", None))).status is Status.UNKNOWN


def test_one_content_passes() -> None:
    assert RULE.judge(service_subject(on("a", "1"), on("b", "1"))).status is Status.PASS


def test_two_references_may_differ() -> None:
    assert (
        RULE.judge(service_subject(on("a", "1"), on("b", "2", image_reference="registry.internal/web:2"))).status
        is Status.PASS
    )
