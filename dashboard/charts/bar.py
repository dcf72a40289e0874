"""A stacked bar: shares of one whole, side by side, each a link to the list behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from dashboard.words import VERDICTS

_LEAST: Final = 0.8  # a segment that exists can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`tone` is a verdict, or a stage as `stage-none` to `stage-production`."""

    tone: str
    label: str
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    segment: Segment
    x: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    segments: tuple[Segment, ...]
    placed: tuple[Placed, ...]
    total: int
    summary: str


def stacked_bar(segments: Iterable[Segment]) -> Bar:
    kept = tuple(segments)
    shown = [segment for segment in kept if segment.count > 0]
    total = sum(segment.count for segment in shown)
    weights = [max(_LEAST, 100 * segment.count / total) for segment in shown]
    scale = 100 / sum(weights) if weights else 1.0
    placed: list[Placed] = []
    left = 0.0
    for segment, weight in zip(shown, weights, strict=True):
        width = weight * scale
        placed.append(Placed(segment=segment, x=f"{left:.2f}%", width=f"{width:.2f}%"))
        left += width
    words = ", ".join(f"{segment.count} {segment.label.lower()}" for segment in shown)
    return Bar(segments=kept, placed=tuple(placed), total=total, summary=words or "nothing to show yet")


def verdict_segments(counts: Mapping[str, int], *, url: str = "") -> list[Segment]:
    """Segments in the order ready, at risk, not ready, unknown. `url` ends where the verdict's value is to follow."""
    return [
        Segment(
            tone=verdict.value, label=word, count=counts.get(verdict, 0), url=f"{url}{verdict.value}" if url else ""
        )
        for verdict, word in VERDICTS.items()
    ]
