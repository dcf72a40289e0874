from __future__ import annotations

import pytest

from fleet.readiness.rules.adoption.no_runbook import NoRunbook
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, member, service_subject

RULE = NoRunbook()


def test_no_runbook_fails() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.oncall": "web@x"}))).status is Status.FAIL


def test_nobody_to_call_fails() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.runbook": "https://wiki/web"}))).status is Status.FAIL


def test_a_review_of_last_year_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    labels={
                        "loadline.runbook": "https://wiki/web",
                        "loadline.oncall": "web@x",
                        "loadline.reviewed": "2025-01-31",
                    }
                )
            )
        ).status
        is Status.FAIL
    )


def test_a_date_that_is_none_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    labels={
                        "loadline.runbook": "https://wiki/web",
                        "loadline.oncall": "web@x",
                        "loadline.reviewed": "soon",
                    }
                )
            )
        ).status
        is Status.FAIL
    )


TOLD = {"loadline.runbook": "https://wiki/web", "loadline.oncall": "web@x"}


def test_a_review_that_is_still_to_come_fails() -> None:
    assert RULE.judge(service_subject(member(labels=TOLD | {"loadline.reviewed": "2027-01-01"}))).status is Status.FAIL


@pytest.mark.parametrize("text", ["2025-11-23", "2025-11-23T12:00:00Z"])
def test_a_day_more_than_a_year_is_too_long_ago(text: str) -> None:
    assert RULE.judge(service_subject(member(labels=TOLD | {"loadline.reviewed": text}))).status is Status.FAIL


def test_labels_that_were_not_reported_are_unknown() -> None:
    unread = service_subject(member(labels=None))
    assert RULE.judge(unread).status is Status.UNKNOWN


def test_tier_3_is_not_applicable() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.tier": "3"}))).status is Status.NOT_APPLICABLE


def test_a_service_without_containers_is_not_applicable() -> None:
    assert RULE.judge(ServiceSubject(name="web", members=(), now=NOW)).status is Status.NOT_APPLICABLE


def test_both_pass() -> None:
    assert (
        RULE.judge(
            service_subject(member(labels={"loadline.runbook": "https://wiki/web", "loadline.oncall": "web@x"}))
        ).status
        is Status.PASS
    )


@pytest.mark.parametrize("text", ["2025-11-24", "2026-11-24T09:00:00Z", "20260331", " 2026-03-31 ", "2026-11-25"])
def test_a_review_within_a_year_passes_however_it_is_written(text: str) -> None:
    assert RULE.judge(service_subject(member(labels=TOLD | {"loadline.reviewed": text}))).status is Status.PASS


@pytest.mark.parametrize("name", ["documentation", "url"])
def test_what_the_image_says_of_itself_is_a_runbook(name: str) -> None:
    labels = {f"org.opencontainers.image.{name}": "https://wiki/web", "loadline.oncall": "web@x"}
    assert RULE.judge(service_subject(member(labels=labels))).status is Status.PASS


def test_a_review_of_this_year_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    labels={
                        "loadline.runbook": "https://wiki/web",
                        "loadline.oncall": "web@x",
                        "loadline.reviewed": "2026-03-31",
                    }
                )
            )
        ).status
        is Status.PASS
    )


def test_what_was_entered_passes_as_a_label_does() -> None:
    bare = member(labels={})
    assert RULE.judge(service_subject(bare, runbook="https://wiki/web", oncall="rota")).status is Status.PASS
    half = RULE.judge(service_subject(bare, runbook="https://wiki/web"))
    assert half.evidence == {"Config.Labels": {"missing": ["loadline.oncall"]}}
    both = service_subject(member(labels={"loadline.oncall": "web@x"}), runbook="https://wiki/web")
    assert RULE.judge(both).status is Status.PASS
