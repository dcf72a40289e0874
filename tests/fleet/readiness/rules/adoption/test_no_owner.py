from __future__ import annotations

from fleet.readiness.policy import Policy
from fleet.readiness.rules.adoption.no_owner import NoOwner
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, member, service_subject

RULE = NoOwner()


def test_nobody_named_fails() -> None:
    assert RULE.judge(service_subject(member(labels={}), team="")).status is Status.FAIL


def test_labels_that_were_not_reported_are_unknown() -> None:
    unread = service_subject(member(labels=None), team="")
    assert RULE.judge(unread).status is Status.UNKNOWN


def test_a_service_without_containers_is_not_applicable() -> None:
    assert RULE.judge(ServiceSubject(name="web", members=(), now=NOW)).status is Status.NOT_APPLICABLE


def test_a_team_passes() -> None:
    assert RULE.judge(service_subject()).status is Status.PASS


def test_a_label_passes() -> None:
    assert RULE.judge(service_subject(member(labels={"owner": "payments"}), team="")).status is Status.PASS


def test_a_label_that_the_policy_names_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(labels={"com.acme.owner": "x"}), team="", policy=Policy(owner_labels=("com.acme.owner",))
            )
        ).status
        is Status.PASS
    )
