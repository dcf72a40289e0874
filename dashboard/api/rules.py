"""Rules: the whole catalogue at once, it is short and does not change while Loadline runs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router

from dashboard.api.filters import RuleFilters
from dashboard.api.out import Out
from dashboard.api.paging import refuse_unknown
from fleet.readiness import catalogue
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Stage

router = Router(tags=["rules"])


class RemedyOut(Out):
    docker: str
    compose: str


class RuleOut(Out):
    rule: str = Field(description="The slug, by which findings name it.")
    catalogue: str
    title: str
    good: str
    pillar: Pillar
    severity: Severity
    scope: Scope
    stages: list[Stage]
    core_gate: bool = Field(description="Without evidence for it nothing is called ready.")
    facts: list[str]
    formerly: list[str]
    summary: str
    looks_at: str
    why: str
    how_to_fix: str
    may_break: str
    remedy: RemedyOut
    references: list[str]


class RuleList(Out):
    items: list[RuleOut]
    next_cursor: None = None


@router.get("", response=RuleList, summary="List rules")
def list_rules(request: HttpRequest, filters: Query[RuleFilters]) -> RuleList:
    refuse_unknown(request, set(RuleFilters.model_fields))
    return RuleList(items=[_rule(rule) for rule in catalogue.rules() if _wanted(rule, filters)])


def _wanted(rule: AnyRule, filters: RuleFilters) -> bool:
    part = (filters.q or "").lower()
    return (
        filters.pillar in {None, rule.pillar}
        and filters.severity in {None, rule.severity}
        and (part in rule.slug or part in rule.title.lower())
    )


def _rule(rule: AnyRule) -> RuleOut:
    text = rule.documentation
    return RuleOut(
        rule=rule.slug,
        catalogue=rule.catalogue,
        title=rule.title,
        good=rule.good,
        pillar=rule.pillar,
        severity=rule.severity,
        scope=rule.scope,
        stages=sorted(rule.stages, key=list(Stage).index),
        core_gate=rule.core_gate,
        facts=list(rule.facts),
        formerly=list(rule.formerly),
        summary=text.summary,
        looks_at=text.looks_at,
        why=text.why,
        how_to_fix=text.how_to_fix,
        may_break=text.may_break,
        remedy=RemedyOut(docker=rule.remedy.docker, compose=rule.remedy.compose),
        references=list(text.references),
    )
