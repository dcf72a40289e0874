"""Rules: what Loadline asks, why, how to mend it, and who fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboard.findings import grouped
from dashboard.words import PILLARS, SEVERITIES
from fleet.models import Finding
from fleet.percent import percent
from fleet.readiness.catalogue import by_slug
from fleet.readiness.catalogue import rules as all_rules
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Pillar, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule with how many subjects fail it, are unknown and pass. `share` is passes of passes and failures."""

    slug: str
    title: str
    severity: str
    scope: str
    catalogue: str
    url: str
    failing: int
    unknown: int
    passing: int
    share: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PillarRules:
    label: str
    url: str
    rules: list[RuleRow]


def rules(request: HttpRequest) -> HttpResponse:
    counts = Finding.objects.counts_by_rule()
    pillars = [
        PillarRules(label=label, url=reverse(pillar.value), rules=rule_rows(counts, pillar=pillar))
        for pillar, label in PILLARS.items()
    ]
    return render(request, "rules/list.html", {"pillars": pillars, "total": len(all_rules())})


def rule_rows(counts: Counter[tuple[str, str]], *, pillar: Pillar) -> list[RuleRow]:
    """Rules of the pillar, the worst failing first; `counts` is by rule and status."""
    rows = [_row(rule, counts) for rule in all_rules() if rule.pillar is pillar]
    order = {severity.value: rank for rank, severity in enumerate(SEVERITIES)}
    return sorted(rows, key=lambda row: (order[row.severity], -row.failing, row.slug))


def _row(rule: AnyRule, counts: Counter[tuple[str, str]]) -> RuleRow:
    failing, passing = counts[rule.slug, Status.FAIL.value], counts[rule.slug, Status.PASS.value]
    return RuleRow(
        slug=rule.slug,
        title=rule.title,
        severity=rule.severity.value,
        scope=rule.scope.value,
        catalogue=rule.catalogue,
        url=reverse("rule", args=[rule.slug]),
        failing=failing,
        unknown=counts[rule.slug, Status.UNKNOWN.value],
        passing=passing,
        share=percent(passing, passing + failing),
    )


def rule(request: HttpRequest, slug: str) -> HttpResponse:
    found = by_slug().get(slug)
    if found is None:
        raise Http404(f"There is no rule {slug}.")
    if found.slug != slug:
        return redirect("rule", found.slug, permanent=True)
    findings = Finding.objects.filter(rule=slug)
    context = {
        "rule": found,
        "docs": found.documentation,
        "severity": found.severity.value,
        "pillar": PILLARS[found.pillar],
        "pillar_url": reverse(found.pillar.value),
        "row": _row(found, Finding.objects.counts_by_rule()),
        "stages": sorted(stage.value for stage in found.stages),
        "findings": grouped(findings.open(), now=timezone.now()),
    }
    return render(request, "rules/detail.html", context)
