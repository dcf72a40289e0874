"""Putting rules to subjects: the one place where a rule is called, so that no rule can break a sweep."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

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
_OTHER_STAGE = {
    stage: f"Not judged in {name}."
    for stage, name in (
        (Stage.EXPERIMENT, "test and development"), (Stage.STAGING, "staging"), (Stage.PRODUCTION, "production"),
    )
}  # fmt: skip


def judge(subject: Subject, rules: Sequence[AnyRule] | None = None) -> tuple[Finding, ...]:
    """A finding of every rule of the subject's scope, in catalogue order. Never raises: a rule that does is unknown."""
    chosen = catalogue.for_scope(_SCOPES[type(subject)]) if rules is None else rules
    asked = _Asked.of(subject)
    return tuple([asked.finding(rule) for rule in chosen])


class _Asked(NamedTuple):
    """A subject with what is the same for every rule that is put to it."""

    subject: Subject
    policy: Policy
    stage: Stage
    linux: bool
    settling: bool

    @classmethod
    def of(cls, subject: Subject) -> _Asked:
        if isinstance(subject, ServiceSubject):
            return cls(subject, subject.policy, subject.stage, linux=True, settling=False)
        around = subject.around
        linux = around.host.os_type in {None, "linux"}
        settling = isinstance(subject, ContainerSubject) and _settling(subject)
        return cls(subject, around.policy, around.stage, linux, settling)

    def finding(self, rule: AnyRule) -> Finding:
        spared = self._spared(rule)
        outcome = not_applicable(spared) if spared else _outcome(rule, self.subject)
        severity = outcome.severity or rule.severity
        if rule.slug in self.policy.severities:
            severity = self.policy.severity_of(rule.slug, self.subject.traits, severity)
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

    def _spared(self, rule: AnyRule) -> str:
        """Why the rule is not even put to the subject; empty when it is."""
        if self.stage not in rule.stages:
            return _OTHER_STAGE[self.stage]
        if rule.linux_only and not self.linux:
            return "Only Linux has this setting; the engine runs Windows containers."
        if self.settling:
            return "The container is still being made or removed."
        if rule.slug not in self.policy.exemptions:
            return ""
        exemption = self.policy.exemption_from(rule.slug, self.subject.traits)
        return f"Exempt by policy: {exemption.reason}" if exemption else ""


def _outcome(rule: AnyRule, subject: Subject) -> Outcome:
    try:
        return rule.judge(subject)  # type: ignore[arg-type]  # for_scope pairs each rule with its own kind of subject
    except MissingFactError as missing:
        return unknown(str(missing))
    except Exception:
        # A broken rule costs its own finding and nothing else; unknown is honest, a lost sweep is not.
        logger.exception("rule %s failed", rule.slug)
        return unknown("The rule itself failed; see the log.")


def _settling(subject: ContainerSubject) -> bool:
    facts = subject.facts
    if facts.state not in {"created", "removing"} or facts.created_at is None or facts.error:
        return False
    return subject.around.now - facts.created_at < SETTLING
