"""The catalogue of rules as text and as plain data, for the documentation and for scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fleet.readiness.rule import AnyRule

_BEGIN, _END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"
_TABLE = re.compile(f"(?<={_BEGIN}).*(?={_END})", re.DOTALL)
_COLUMNS = ("rule", "catalogue", "pillar", "severity", "judges a", "where", "title")


def as_plain(rule: AnyRule) -> dict[str, Any]:
    """A rule with everything it says of itself, ready for JSON."""
    documentation = rule.documentation
    return {
        "rule": rule.slug,
        "catalogue": rule.catalogue,
        "pillar": rule.pillar.value,
        "scope": rule.scope.value,
        "severity": rule.severity.value,
        "core_gate": rule.core_gate,
        "stages": sorted(stage.value for stage in rule.stages),
        "title": rule.title,
        "good": rule.good,
        "facts": list(rule.facts),
        "summary": documentation.summary,
        "looks_at": documentation.looks_at,
        "why": documentation.why,
        "how_to_fix": documentation.how_to_fix,
        "may_break": documentation.may_break,
        "references": list(documentation.references),
        "remedy": {"docker": rule.remedy.docker, "compose": rule.remedy.compose},
    }


def markdown_table(rules: Iterable[AnyRule]) -> str:
    """A row to a rule; a core gate's severity is bold."""
    lines = [_row(*_COLUMNS), _row(*("---" for _ in _COLUMNS))]
    return "".join(lines + [_of(rule) for rule in rules])


def with_table(text: str, rules: Iterable[AnyRule]) -> str:
    """The text with the table between its two marks made anew. Raises ValueError when the marks are missing."""
    if not _TABLE.search(text):
        raise ValueError(f"the text has no lines {_BEGIN.strip()} and {_END.strip()}")
    table = markdown_table(rules)
    return _TABLE.sub(lambda _: table, text, count=1)


def _of(rule: AnyRule) -> str:
    severity = f"**{rule.severity}**" if rule.core_gate else str(rule.severity)
    where = "everywhere" if len(rule.stages) > 2 else " and ".join(sorted(rule.stages))  # noqa: PLR2004 - of three
    return _row(f"`{rule.slug}`", rule.catalogue, rule.pillar, severity, rule.scope, where, rule.title)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
