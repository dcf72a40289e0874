"""A report's document as its page, its mail and its files show it: the same sentences, the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import tablib
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from dashboard.charts.outlook import outlook_chart
from dashboard.lists import NO_TEAM
from dashboard.sheets import harmless
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.reports.saying import as_text, figures_in, long_day

_PRODUCTION: Final = Stage.PRODUCTION.value
_STAGING: Final = Stage.STAGING.value
#: Those of the style sheet, for mailboxes, which know none.
_COLOURS: Final = {"none": "#d3dade", "experiment": "#9fb3c4", "staging": "#557a9c", "production": "#15395b"}


def href(piece: Mapping[str, Any], base: str = "") -> str:
    """Where a figure leads to; empty when to nothing. `base` goes before it, for a mail."""
    if not piece.get("page"):
        return ""
    try:
        path = reverse(piece["page"], args=piece["args"])
    except NoReverseMatch:  # a report outlives the pages of its day
        return ""
    query = urlencode(piece["filters"])
    return f"{base}{path}{'?' if query else ''}{query}"


def linked(sentence: Iterable[Mapping[str, Any]], base: str = "") -> list[tuple[str, str]]:
    """Text and address of each piece."""
    return [(str(piece["text"]), href(piece, base)) for piece in sentence]


def shown(document: Mapping[str, Any], base: str = "") -> dict[str, Any]:
    """What templates draw: sections by key with their sentences as linked pieces, the chart, tables with addresses."""
    sections = {section["key"]: _section(section, base) for section in document["sections"]}
    return {
        "title": document["title"],
        "day": date.fromisoformat(document["day"]),
        "day_words": long_day(date.fromisoformat(document["day"])),
        "at": datetime.fromisoformat(document["at"]) if document["at"] else None,
        "lead": [linked(sentence, base) for sentence in document["lead"]],
        "lead_text": " ".join(as_text(sentence) for sentence in document["lead"]),
        "sections": sections,
        "simulated": document["simulated"],
        "funnel": _funnel(document["funnel"], base),
        "chart": outlook_chart(document["trend"], document["outlook"]),
        "empty": not any(row["count"] for row in document["funnel"]),
    }


def _section(section: Mapping[str, Any], base: str) -> dict[str, Any]:
    return {
        "title": section["title"],
        "sentences": [linked(sentence, base) for sentence in section["sentences"]],
        "texts": [as_text(sentence) for sentence in section["sentences"]],
        "blockers": [_blocker(row, base) for row in section.get("blockers", ())],
        "nearest": [_near(row, base) for row in section.get("nearest", ())],
        "teams": [_team(row, base) for row in section.get("teams", ())],
    }


def _at(base: str, page: str, *args: str, **filters: str) -> str:
    return href({"page": page, "args": args, "filters": filters}, base)


def _funnel(rows: Sequence[Mapping[str, Any]], base: str) -> list[dict[str, Any]]:
    whole = max((row["reached"] for row in rows), default=0) or 1
    return [
        {
            **row,
            "url": _at(base, "services", stage=row["stage"]),
            "bar": max(1, round(100 * row["reached"] / whole)) if row["reached"] else 0,
            "colour": _COLOURS[row["stage"]],
        }
        for row in rows
    ]


def _blocker(row: Mapping[str, Any], base: str) -> dict[str, Any]:
    return {
        **row,
        "frees": row["frees_production"] + row["frees_staging"],
        "holds": row["holds_production"] + row["holds_staging"],
        "url": _at(base, "fix", row["rule"], stage=_PRODUCTION if row["holds_production"] else _STAGING),
        "production_url": _at(base, "services", stage=_PRODUCTION, held_by=row["rule"]),
        "staging_url": _at(base, "services", stage=_STAGING, held_by=row["rule"]),
    }


def _near(row: Mapping[str, Any], base: str) -> dict[str, Any]:
    rules = [{**rule, "url": _at(base, "fix", rule["rule"], stage=_STAGING)} for rule in row["rules"]]
    return {
        **row,
        "url": _at(base, "service", row["slug"]),
        "first": rules[0] if rules else None,
        "more": len(rules) - 1,
    }


def _team(row: Mapping[str, Any], base: str) -> dict[str, Any]:
    team = row["team"] or NO_TEAM
    blocker = row["blocker"]
    if blocker:
        blocker = {**blocker, "url": _at(base, "fix", blocker["rule"], stage="any", team=team)}
    return {
        **row,
        "blocker": blocker,
        "url": _at(base, "services", team=team),
        "held_url": _at(base, "fix-next", stage=_PRODUCTION, team=team),
        "staging_url": _at(base, "services", team=team, stage=_STAGING),
        "ready_url": _at(base, "services", team=team, stage=_STAGING, verdict=Verdict.READY.value),
    }


def figures_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, str]]:
    """Section, key, value and the sentence or row that it stands in: every figure of the page, and of its drawing."""
    yield from _of_sentences("lead", document["lead"])
    for section in document["sections"]:
        yield from _of_sentences(section["key"], section["sentences"])
        for table in ("blockers", "nearest", "teams"):
            for row in section.get(table, ()):
                yield from _of_a_row(table, row)
    for row in document["funnel"]:
        for key in ("count", "reached", "percent"):
            yield "funnel", key, row[key], row["label"]
    for day, part, whole in document["trend"]:
        if part is not None:
            yield "trend", "in-production", part, day
            yield "trend", "services", whole, day
    for day, expected, low, high in document["outlook"].get("path", ()):
        yield from (
            ("outlook-path", key, value, day) for key, value in (("expected", expected), ("low", low), ("high", high))
        )


def _of_sentences(section: str, sentences: Iterable[list[dict[str, Any]]]) -> Iterator[tuple[str, str, Any, str]]:
    for sentence in sentences:
        yield from ((section, key, value, as_text(sentence)) for key, value in figures_in(sentence))


def _of_a_row(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, str]]:
    about = row.get("service") or row.get("title") or row.get("team") or "no team"
    for key, value in row.items():
        if isinstance(value, int):
            yield table, key, value, about
        elif key == "blocker" and value:
            yield table, "blocker", value["title"], about
            yield table, "blocker-frees", value["frees"], about
        elif key == "rules":
            yield from ((table, "change", one["title"], about) for one in value)


def as_csv(document: Mapping[str, Any]) -> str:
    sheet = tablib.Dataset(headers=("day", "section", "figure", "value", "in"))
    for section, key, value, about in figures_of(document):
        sheet.append([document["day"], section, key, "" if value is None else harmless(value), harmless(about)])
    exported: str = sheet.export("csv")
    return exported
