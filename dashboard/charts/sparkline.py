"""A line of the size of a word: where a number came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

WIDTH: Final = 92
HEIGHT: Final = 22
_MARGIN: Final = 3
_FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`lines` are polylines; a gap in the series is a gap in the drawing, never a guess."""

    lines: tuple[str, ...]
    end: tuple[float, float] | None
    trend: str
    summary: str


def sparkline(values: Sequence[float | None], *, unit: str = "", span: str = "", better: int = 1) -> Sparkline:
    """`better` is 1 when more is better, -1 when less is, 0 when neither: `trend` is of what is better."""
    known = [value for value in values if value is not None]
    if len(known) < _FEWEST:
        return Sparkline((), None, "flat", "not enough history yet")
    low, high = min(known), max(known)
    step = (WIDTH - 2 * _MARGIN) / (len(values) - 1)
    reach = HEIGHT - 2 * _MARGIN

    def place(index: int, value: float) -> tuple[float, float]:
        rise = (value - low) / (high - low) if high > low else 0.5
        return round(_MARGIN + index * step, 1), round(HEIGHT - _MARGIN - rise * reach, 1)

    points = [None if value is None else place(index, value) for index, value in enumerate(values)]
    lines = tuple(
        " ".join(f"{x},{y}" for x, y in run if run)
        for run in ([point for point in group if point] for told, group in groupby(points, bool) if told)
    )
    end = next(point for point in reversed(points) if point)
    first, last = known[0], known[-1]
    gain = (last - first) * better
    trend = "up" if gain > 0 else "down" if gain < 0 else "flat"
    return Sparkline(lines, end, trend, _summary(first, last, unit, span))


def _summary(first: float, last: float, unit: str, span: str) -> str:
    within = f" in {span}" if span else ""
    if first == last:
        return f"steady at {last:g}{unit}{within}"
    return f"from {first:g}{unit} to {last:g}{unit}{within}"
