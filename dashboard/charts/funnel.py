"""How many of all services come how far: each step as wide as what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.percent import percent

_LEAST: Final = 0.6  # a step that has anything can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`count` are those that came at least so far."""

    label: str
    count: int
    tone: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """`points` is a polygon on a field of 100 by 100, from this step's width to the next one's."""

    step: Step
    points: str
    share: int | None  # percent of the first step
    kept: int | None  # percent of the step before


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    steps: tuple[Placed, ...]
    summary: str


def funnel(steps: Sequence[Step]) -> Funnel:
    whole = steps[0].count if steps else 0
    widths = [max(_LEAST, 100 * step.count / whole) if step.count and whole else 0.0 for step in steps]
    placed = []
    for number, step in enumerate(steps):
        before = steps[number - 1].count if number else whole
        below = widths[number + 1] if number + 1 < len(steps) else widths[number]
        placed.append(
            Placed(
                step=step,
                points=_polygon(widths[number], below),
                share=percent(step.count, whole),
                kept=percent(step.count, before) if number else None,
            )
        )
    words = ", ".join(f"{step.count} {step.label.lower()}" for step in steps)
    return Funnel(steps=tuple(placed), summary=words or "nothing to show yet")


def _polygon(top: float, foot: float) -> str:
    """Straight for most of its height, so that the width is what is read, and then on to the next step."""
    corners = (((100 - top) / 2, 0), ((100 + top) / 2, 0), ((100 + top) / 2, 76), ((100 + foot) / 2, 100))
    left = (((100 - foot) / 2, 100), ((100 - top) / 2, 76))
    return " ".join(f"{x:.2f},{y}" for x, y in (*corners, *left))
