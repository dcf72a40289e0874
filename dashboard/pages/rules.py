"""Rules: what Loadline asks, why, how to mend it, and who fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboard.changes import change_rows
from dashboard.counted import counts_of
from dashboard.findings import by_rule
from dashboard.lists import Capped, address, most_rows, page_of
from dashboard.scores import rule_history
from dashboard.words import AREAS, PILLARS, SEVERITIES, STAGES
from fleet.models import Change
from fleet.models.answers import Answers
from fleet.models.finding import WAIVED
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
    waived: int
    unknown: int
    passing: int
    not_applicable: int
    share: int | None

    def behind(self, status: Status | str) -> str:
        """The subjects behind a number."""
        return f"{self.url}?status={status}#subjects"

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
    counts = counts_of(request).ask("findings").by_rule
    pillars = [
        PillarRules(
            label=label,
            url=reverse(pillar.value) if pillar in PILLARS else reverse("adoption"),
            rules=rule_rows(counts, pillar=pillar),
        )
        for pillar, label in AREAS.items()
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
        url=page_of("rule", rule.slug),
        failing=failing,
        waived=counts[rule.slug, WAIVED],
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
    status = asked if asked in _TABS else Status.FAIL.value
    findings = Answers().filter(rule=slug).with_status(status).with_subjects()
    counts = counts_of(request).ask("findings").by_rule
    row = _row(found, counts)
    listed: Any = findings.order_by("pk")  # as their index has them; a page's few are sorted below
    pages = Capped(listed, PER_PAGE, rows=listed, most=most_rows(request), known=counts[slug, status])
    page = pages.get_page(request.GET.get("page"))
    context = {
        **_about(found),
        "tabs": _tabs(row, status),
        "page": page,
        "groups": by_rule(sorted(page.object_list, key=lambda one: one.subject_name)),
        "nothing": _NOTHING[status].format(good=found.good),
        "history": rule_history(slug, timezone.now()),
        "changes": change_rows(Change.objects.with_subjects().filter(rule=slug).newest_first()[:8]),
    }
    return render(request, "rules/detail.html", context)


def _about(found: AnyRule) -> dict[str, object]:
    """What stands on its page whoever fails it."""
    return {
        "rule": found,
        "docs": found.documentation,
        "severity": found.severity.value,
        "pillar": AREAS[found.pillar],
        "pillar_url": reverse(found.pillar.value),
        "stages": ", ".join(STAGES[stage].lower() for stage in STAGES if stage in found.stages),
        "changes_url": address("changes", rule=found.slug),
        "fix_url": reverse("fix", args=[found.slug]),
    }


_TABS = {
    Status.FAIL.value: "Fails",
    WAIVED: "Accepted",
    Status.UNKNOWN.value: "Cannot be told",
    Status.PASS.value: "Passes",
    Status.NOT_APPLICABLE.value: "Does not apply",
}
_NOTHING = {
    Status.FAIL.value: "Nobody fails it. {good}",
    WAIVED: "No failure of it is accepted by a waiver.",
    Status.UNKNOWN.value: "Every engine said what this rule needs.",
    Status.PASS.value: "Nobody passes it.",
    Status.NOT_APPLICABLE.value: "It applies to everything it looks at.",
}


def _tabs(row: RuleRow, active: str) -> list[tuple[str, str, bool, int]]:
    counts = {
        Status.FAIL.value: row.failing,
        WAIVED: row.waived,
        Status.UNKNOWN.value: row.unknown,
        Status.PASS.value: row.passing,
        Status.NOT_APPLICABLE.value: row.not_applicable,
    }
    return [(word, row.behind(status), status == active, counts[status]) for status, word in _TABS.items()]
