"""Two days beside each other, as the page shows it: which services came, went, moved, flipped and changed hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from dashboard.words import STAGES
from fleet.adoption.comparing import Comparison, Difference
from fleet.readiness.vocabulary import Stage

#: Services of one list that are shown; the API has all of them.
MOST: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`before` and `after` are stages in words, or verdicts by their value; empty where it was not there."""

    name: str
    url: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`kind` is stage, verdict or team. `left` are those that are not shown."""

    title: str
    verb: str  # goes on from "No service"
    kind: str
    count: int
    rows: Sequence[Row]
    left: int


def groups(found: Comparison) -> list[Group]:
    return [
        _group("New", "is new", "stage", found.came, found.counts["came"]),
        _group("Gone", "is gone", "stage", found.went, found.counts["went"]),
        _group("Changed stage", "changed stage", "stage", found.moved, found.counts["moved"]),
        _group("Changed verdict", "changed verdict", "verdict", found.flipped, found.counts["flipped"]),
        _group("Changed team", "changed team", "team", found.handed_over, found.counts["handed_over"]),
    ]


def _group(title: str, verb: str, kind: str, told: Sequence[Difference], count: int) -> Group:
    rows = [
        Row(
            name=one.name,
            url=reverse("service", args=[one.slug]) if one.slug else "",
            before=_word(one, kind, later=False),
            after=_word(one, kind, later=True),
        )
        for one in told[:MOST]
    ]
    return Group(title=title, verb=verb, kind=kind, count=count, rows=rows, left=count - len(rows))


def _word(one: Difference, kind: str, *, later: bool) -> str:
    side = one.after if later else one.before
    if side is None:
        return ""
    if kind == "verdict":
        return side.verdict
    return (side.team or "no team") if kind == "team" else STAGES[Stage(side.stage)]
