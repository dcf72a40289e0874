"""Scores with their denominators, histories, and the least that would make a service ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.words import PILLARS
from fleet.foresight.fixes import Shape
from fleet.models import RuleDay, Service
from fleet.percent import percent
from fleet.readiness.catalogue import by_slug

_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """`passed` of `told` points; `missing` were not told. A score is never shown without them."""

    label: str
    score: int | None
    passed: int
    told: int
    missing: int
    confidence: int


def score_rows(service: Service) -> list[ScoreRow]:
    """In the order of the pillars."""
    scores = service.scores
    return [
        ScoreRow(
            label=label,
            score=points.score,
            passed=points.passed,
            told=points.passed + points.failed,
            missing=points.unknown + points.blind,
            confidence=points.confidence,
        )
        for pillar, label in PILLARS.items()
        for points in (scores[pillar.value],)
    ]


def smallest_fix(service: Service, shape: str | None, shapes: Mapping[str, Shape]) -> list[tuple[str, str]]:
    """(title, link) of rules that together make it ready, none of which can be left out; empty when there are none.

    As of the last time that fixes were counted; `shape` is that of its Shortfall, None where it had none.
    """
    known = shapes.get(shape) if shape else None
    need = known.need if known else None
    rules, query = by_slug(), urlencode({"q": service.name, "stage": service.stage})
    return [
        (rules[slug].title if slug in rules else slug, f"{reverse('fix', args=[slug])}?{query}")
        for slug in sorted(need or ())
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHistory:
    """Share of things that pass, in percent, one value a day for thirty days; None where none was counted."""

    days: int
    shares: Sequence[int | None]
    latest: int | None
    first: int | None
    first_day: date | None


def rule_history(slug: str, now: datetime) -> RuleHistory:
    since = now.date() - timedelta(days=_DAYS - 1)
    rows = list(RuleDay.objects.filter(rule=slug, day__gte=since).order_by("day"))
    shares = {row.day: percent(row.passed, row.passed + row.failed + row.waived) for row in rows}
    return RuleHistory(
        days=len(rows),
        shares=[shares.get(since + timedelta(days=day)) for day in range(_DAYS)],
        latest=shares.get(rows[-1].day) if rows else None,
        first=shares.get(rows[0].day) if len(rows) > 1 else None,
        first_day=rows[0].day if len(rows) > 1 else None,
    )
