"""Putting rules to subjects: the one place where a rule is called, so that no rule can break a sweep."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from fleet.readiness import catalogue
from fleet.readiness.findings import Finding, MissingFactError, Outcome, not_applicable, unknown
from fleet.readiness.policy import Policy
from fleet.readiness.rule import AnyRule
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    NetworkSubject,
    ServiceSubject,
    Subject,
    VolumeSubject,
)
from fleet.readiness.vocabulary import Scope, Stage

logger = logging.getLogger(__name__)

_SCOPES: dict[type, Scope] = {
    ContainerSubject: Scope.CONTAINER,
    ImageSubject: Scope.IMAGE,
    NetworkSubject: Scope.NETWORK,
    VolumeSubject: Scope.VOLUME,
    HostSubject: Scope.HOST,
    ServiceSubject: Scope.SERVICE,
}
#: A container that is being made or removed is judged once it has settled.
SETTLING = timedelta(seconds=60)
_STAGE_NAMES = {Stage.EXPERIMENT: "test and development", Stage.STAGING: "staging", Stage.PRODUCTION: "production"}


def judge(subject: Subject, rules: Sequence[AnyRule] | None = None) -> tuple[Finding, ...]:
    """A finding of every rule of the subject's scope, in catalogue order. Never raises: a rule that does is unknown."""
    chosen = catalogue.for_scope(_SCOPES[type(subject)]) if rules is None else rules
    return tuple(_finding(rule, subject) for rule in chosen)


def _finding(rule: AnyRule, subject: Subject) -> Finding:
    if isinstance(subject, ServiceSubject):
        stage, policy, os_type = subject.stage, subject.policy, None
    else:
        stage, policy, os_type = subject.around.stage, subject.around.policy, subject.around.host.os_type
    outcome = _outcome(rule, subject, policy, stage, os_type)
    severity = outcome.severity or rule.severity
    if rule.slug in policy.severities:
        severity = policy.severity_of(rule.slug, subject.traits, severity)
    return Finding(
        rule=rule.slug,
        pillar=rule.pillar,
        severity=severity,
        status=outcome.status,
        evidence=outcome.evidence,
        reason=outcome.reason,
        core_gate=rule.core_gate,
        blind=outcome.blind,
        freshness=outcome.freshness,
        cis=outcome.cis,
    )


def _outcome(rule: AnyRule, subject: Subject, policy: Policy, stage: Stage, os_type: str | None) -> Outcome:
    spared = _spared(rule, subject, policy, stage, os_type)
    if spared:
        return not_applicable(spared)
    try:
        return rule.judge(subject)  # type: ignore[arg-type]  # for_scope pairs each rule with its own kind of subject
    except MissingFactError as missing:
        return unknown(str(missing))
    except Exception:
        # A broken rule costs its own finding and nothing else; unknown is honest, a lost sweep is not.
        logger.exception("rule %s failed", rule.slug)
        return unknown("The rule itself failed; see the log.")


def _spared(rule: AnyRule, subject: Subject, policy: Policy, stage: Stage, os_type: str | None) -> str:
    """Why the rule is not even put to the subject; empty when it is."""
    if stage not in rule.stages:
        return f"Not judged in {_STAGE_NAMES[stage]}."
    if rule.linux_only and os_type not in {None, "linux"}:
        return "Only Linux has this setting; the engine runs Windows containers."
    if isinstance(subject, ContainerSubject) and _settling(subject):
        return "The container is still being made or removed."
    exemption = policy.exemption_from(rule.slug, subject.traits) if rule.slug in policy.exemptions else None
    return f"Exempt by policy: {exemption.reason}" if exemption else ""


def _settling(subject: ContainerSubject) -> bool:
    facts = subject.facts
    if facts.state not in {"created", "removing"} or facts.created_at is None or facts.error:
        return False
    return subject.around.now - facts.created_at < SETTLING
