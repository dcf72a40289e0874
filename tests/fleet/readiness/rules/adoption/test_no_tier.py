from __future__ import annotations

from fleet.readiness.rules.adoption.no_tier import NoTier
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, member, service_subject

RULE = NoTier()


def test_nobody_having_said_fails() -> None:
    assert RULE.judge(service_subject(member(labels={}))).status is Status.FAIL


def test_what_is_no_tier_fails() -> None:
    assert RULE.judge(service_subject(member(labels={"loadline.tier": "gold"}))).status is Status.FAIL


def test_labels_that_were_not_reported_are_unknown() -> None:
    unread = service_subject(member(labels=None))
    assert RULE.judge(unread).status is Status.UNKNOWN


def test_a_service_without_containers_is_not_applicable() -> None:
    assert RULE.judge(ServiceSubject(name="web", members=(), now=NOW)).status is Status.NOT_APPLICABLE


def test_a_label_passes() -> None:
    assert RULE.judge(service_subject()).status is Status.PASS


def test_tier_1_in_words_passes() -> None:
    assert RULE.judge(service_subject(member(labels={"readiness.tier": "tier-1"}))).status is Status.PASS


def test_what_was_entered_passes_whatever_the_labels_say() -> None:
    assert RULE.judge(service_subject(member(labels={}), entered_tier=1)).evidence == {"tier": 1}
    assert RULE.judge(service_subject(member(labels={"loadline.tier": "3"}), entered_tier=1)).evidence == {"tier": 1}
    assert RULE.judge(service_subject(member(labels=None), entered_tier=2)).status is Status.PASS
