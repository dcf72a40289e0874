"""Rules: what Loadline asks, why, how to mend it, and who fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from dashboard.findings import by_rule
from dashboard.words import PILLARS, SEVERITIES, STAGES
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
    not_applicable: int
    share: int | None

    def behind(self, status: Status) -> str:
        """The subjects behind a number."""
        return f"{self.url}?status={status.value}#subjects"

    @property
    def failing_url(self) -> str:
        return self.behind(Status.FAIL)

    @property
    def unknown_url(self) -> str:
        return self.behind(Status.UNKNOWN)

    @property
    def passing_url(self) -> str:
        return self.behind(Status.PASS)


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
        not_applicable=counts[rule.slug, Status.NOT_APPLICABLE.value],
        share=percent(passing, passing + failing),
    )


#: Subjects on one page of a rule.
PER_PAGE = 50


def rule(request: HttpRequest, slug: str) -> HttpResponse:
    found = by_slug().get(slug)
    if found is None:
        raise Http404(f"There is no rule {slug}.")
    if found.slug != slug:
        return redirect("rule", found.slug, permanent=True)
    asked = request.GET.get("status", "")
    status = Status(asked) if asked in set(Status) else Status.FAIL
    findings = Finding.objects.filter(rule=slug, status=status.value).with_subjects().select_related("container")
    page = Paginator(findings, PER_PAGE).get_page(request.GET.get("page"))
    row = _row(found, Finding.objects.counts_by_rule())
    context = {
        "rule": found,
        "docs": found.documentation,
        "severity": found.severity.value,
        "pillar": PILLARS[found.pillar],
        "pillar_url": reverse(found.pillar.value),
        "stages": ", ".join(STAGES[stage].lower() for stage in STAGES if stage in found.stages),
        "tabs": _tabs(row, status),
        "page": page,
        "groups": by_rule(page.object_list),
        "nothing": _NOTHING[status].format(good=found.good),
    }
    return render(request, "rules/detail.html", context)


_TABS = {
    Status.FAIL: "Fails",
    Status.UNKNOWN: "Cannot be told",
    Status.PASS: "Passes",
    Status.NOT_APPLICABLE: "Does not apply",
}
_NOTHING = {
    Status.FAIL: "Nobody fails it. {good}",
    Status.UNKNOWN: "Every engine said what this rule needs.",
    Status.PASS: "Nobody passes it.",
    Status.NOT_APPLICABLE: "It applies to everything it looks at.",
}


def _tabs(row: RuleRow, active: Status) -> list[tuple[str, str, bool, int]]:
    counts = {
        Status.FAIL: row.failing,
        Status.UNKNOWN: row.unknown,
        Status.PASS: row.passing,
        Status.NOT_APPLICABLE: row.not_applicable,
    }
    return [(word, row.behind(status), status is active, counts[status]) for status, word in _TABS.items()]
