from __future__ import annotations

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
