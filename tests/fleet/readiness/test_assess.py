from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory import ContainerFacts
from fleet.readiness import catalogue
from fleet.readiness.assess import SETTLING, judge
from fleet.readiness.findings import Finding, Outcome, failed, known, passed, uncollected, unknown
from fleet.readiness.policy import Exemption, Policy, SeverityChange, Where
from fleet.readiness.rule import EVERYWHERE, PRODUCTION_ONLY, HostRule, ServiceRule
from fleet.readiness.subjects import ContainerSubject, ServiceSubject, Subject
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Stage, Status
from tests.builders import (
    NOW,
    around,
    container,
    container_subject,
    host,
    host_subject,
    image_subject,
    network_subject,
    volume_subject,
)
from tests.fleet.readiness.made_up import rule_class


def fails(_: Any) -> Outcome:
    return failed({"Some.Field": 1}, "Why.")


def breaks(_: Any) -> Outcome:
    raise ZeroDivisionError


def finding(subject: Subject, rule: Any) -> Finding:
    (found,) = judge(subject, [rule()])
    return found


def test_a_failure_becomes_a_finding_with_the_rules_own_words() -> None:
    rule = rule_class(fails, core_gate=True, severity=Severity.CRITICAL)
    assert finding(container_subject(), rule) == Finding(
        rule="made-up",
        pillar=Pillar.HARDENING,
        severity=Severity.CRITICAL,
        status=Status.FAIL,
        evidence={"Some.Field": 1},
        reason="Why.",
        core_gate=True,
    )


def test_a_missing_fact_is_unknown_by_name() -> None:
    rule = rule_class(lambda subject: passed({"u": known(subject.facts.user, "Config.User")}))
    found = finding(container_subject(user=None), rule)
    assert (found.status, found.reason) == (Status.UNKNOWN, "The engine did not report Config.User.")


def test_a_broken_rule_is_unknown_and_costs_no_other_finding(caplog: pytest.LogCaptureFixture) -> None:
    broken = rule_class(breaks, module="fleet.readiness.rules.hardening.broken")
    with caplog.at_level(logging.ERROR, logger="fleet.readiness.assess"):
        first, second = judge(container_subject(), [broken(), rule_class(fails)()])
    assert (first.status, first.reason) == (Status.UNKNOWN, "The rule itself failed; see the log.")
    assert second.status is Status.FAIL
    assert "rule broken failed" in caplog.text


def test_a_case_may_be_milder_than_its_rule() -> None:
    rule = rule_class(lambda _: failed({}, severity=Severity.LOW), severity=Severity.CRITICAL)
    assert finding(container_subject(), rule).severity is Severity.LOW


@pytest.mark.parametrize("stage", [Stage.STAGING, Stage.EXPERIMENT])
def test_a_rule_for_production_only_is_left_out_elsewhere(stage: Stage) -> None:
    rule = rule_class(fails, stages=PRODUCTION_ONLY)
    found = finding(container_subject(around=around(stage=stage)), rule)
    assert found.status is Status.NOT_APPLICABLE
    assert found.reason.startswith("Not judged in ")


def test_a_rule_for_everywhere_is_judged_in_an_experiment() -> None:
    subject = container_subject(around=around(stage=Stage.EXPERIMENT))
    assert finding(subject, rule_class(fails, stages=EVERYWHERE)).status is Status.FAIL


def test_a_policy_changes_the_severity_of_its_own_rule_and_stage_only() -> None:
    in_staging = SeverityChange(severity=Severity.MEDIUM, where=Where(stages=(Stage.STAGING,)))
    policy = Policy(severities={"made-up": (in_staging,), "other": (SeverityChange(severity=Severity.LOW),)})
    staging = container_subject(around=around(stage=Stage.STAGING, policy=policy))
    production = container_subject(around=around(policy=policy))
    assert finding(staging, rule_class(fails)).severity is Severity.MEDIUM
    assert finding(production, rule_class(fails)).severity is Severity.HIGH


def test_a_policy_outweighs_the_case() -> None:
    policy = Policy(severities={"made-up": (SeverityChange(severity=Severity.HIGH),)})
    rule = rule_class(lambda _: failed({}, severity=Severity.LOW))
    assert finding(container_subject(around=around(policy=policy)), rule).severity is Severity.HIGH


@pytest.mark.parametrize("os_type", ["windows", "Windows"])
def test_a_rule_about_linux_is_left_out_on_an_engine_for_windows_containers(os_type: str) -> None:
    windows = around(host=host(os_type=os_type))
    found = finding(container_subject(around=windows), rule_class(fails, linux_only=True))
    assert found.status is Status.NOT_APPLICABLE
    assert "Windows" in found.reason
    assert finding(container_subject(around=windows), rule_class(fails)).status is Status.FAIL


@pytest.mark.parametrize("os_type", ["linux", None])
def test_a_rule_about_linux_is_judged_on_any_other_engine(os_type: str | None) -> None:
    subject = container_subject(around=around(host=host(os_type=os_type)))
    assert finding(subject, rule_class(fails, linux_only=True)).status is Status.FAIL


def settling(age: timedelta | None, **changes: Any) -> ContainerFacts:
    created_at = None if age is None else NOW - age
    return container(**({"state": "created", "created_at": created_at, "error": ""} | changes))


@pytest.mark.parametrize("state", ["created", "removing"])
def test_a_container_that_settles_is_left_out(state: str) -> None:
    facts = settling(SETTLING - timedelta(seconds=1), state=state)
    found = finding(container_subject(facts), rule_class(fails))
    assert found.status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "facts",
    [
        settling(SETTLING),
        settling(None),
        settling(timedelta(0), state="running"),
        settling(timedelta(0), error="port is already allocated"),
    ],
    ids=["settled", "of unknown age", "running", "failed to start"],
)
def test_any_other_container_is_judged(facts: ContainerFacts) -> None:
    assert finding(container_subject(facts), rule_class(fails)).status is Status.FAIL


def test_a_host_is_judged_whatever_its_containers_do() -> None:
    assert finding(host_subject(), rule_class(fails, base=HostRule)).status is Status.FAIL


def test_a_service_is_judged_as_production_without_surroundings_of_its_own() -> None:
    subject = ServiceSubject(name="web", members=(), now=NOW)
    rule = rule_class(fails, base=ServiceRule, stages=PRODUCTION_ONLY, linux_only=True)
    assert finding(subject, rule).status is Status.FAIL


@pytest.mark.parametrize(
    ("subject", "scope"),
    [
        (container_subject(), Scope.CONTAINER),
        (host_subject(), Scope.HOST),
        (image_subject(), Scope.IMAGE),
        (network_subject(), Scope.NETWORK),
        (volume_subject(), Scope.VOLUME),
        (ServiceSubject(name="web", members=(), now=NOW), Scope.SERVICE),
    ],
    ids=lambda value: value.value if isinstance(value, Scope) else "",
)
def test_every_rule_of_the_subjects_own_scope_gives_one_finding(subject: Subject, scope: Scope) -> None:
    assert [found.rule for found in judge(subject)] == [rule.slug for rule in catalogue.for_scope(scope)]


def test_an_outcome_that_is_no_failure_keeps_the_rules_severity() -> None:
    found = finding(container_subject(), rule_class(lambda _: unknown("Why.")))
    assert (found.status, found.severity) == (Status.UNKNOWN, Severity.HIGH)


def test_judging_twice_says_the_same() -> None:
    subject: ContainerSubject = container_subject()
    assert judge(subject) == judge(subject)


def test_an_exemption_spares_only_what_it_names() -> None:
    caches = Exemption(reason="Caches are rebuilt every night.", where=Where(labels=("kind=cache",)))
    policy = Policy(exemptions={"made-up": (caches,)})
    cache = container_subject(labels={"kind": "cache"}, around=around(policy=policy))
    found = finding(cache, rule_class(fails))
    assert found.status is Status.NOT_APPLICABLE
    assert found.reason == "Exempt by policy: Caches are rebuilt every night."
    assert finding(container_subject(around=around(policy=policy)), rule_class(fails)).status is Status.FAIL


def test_what_an_outcome_says_of_itself_is_in_the_finding() -> None:
    rule = rule_class(lambda _: uncollected("No registry is connected."))
    assert finding(container_subject(), rule).blind
    assert finding(container_subject(), rule_class(lambda _: passed(freshness=0.5))).freshness == 0.5
    assert finding(container_subject(), rule_class(lambda _: failed({}, cis=("5.2",)))).cis == ("5.2",)
