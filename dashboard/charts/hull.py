"""The hull on the overview: how high the fleet's ready services reach, and where the load line lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fleet.percent import percent

_DECK: Final = 16.0
_KEEL: Final = 122.0
_RING: Final = 13.0  # the load line's ring with its clearance
_FIGURE: Final = 20.0  # the height of the share's figures
_INSIDE: Final = 26.0  # the same with air, where the keel's curve is near
_LABEL: Final = 9.0
_STARBOARD: Final = 262.0  # the right edge at the deck; the side falls in by a fifth of the depth


@dataclass(frozen=True, slots=True)
class Hull:
    """Ready-made coordinates on a field of 280 by 130."""

    share: int | None
    load_line: int
    level: float
    depth: float
    line: float
    line_label: float
    line_label_x: float
    line_sunk: bool
    figure: float
    figure_inside: bool
    draughts: tuple[float, ...]
    summary: str


def hull(*, ready: int, total: int, load_line: int) -> Hull:
    share = percent(ready, total)
    level, line = _height(share or 0), _height(load_line)
    figure, inside = _figure(level, line)
    label = _label(level, line)
    return Hull(
        share=share,
        load_line=load_line,
        level=level,
        depth=round(_KEEL - level, 2),
        line=line,
        line_label=label,
        line_label_x=round(_STARBOARD - 6 - (label - _DECK) / 5, 2),
        line_sunk=level <= label - _LABEL,
        figure=figure,
        figure_inside=inside,
        draughts=tuple(_height(step) for step in (20, 40, 60, 80)),
        summary=_summary(ready, total, share, load_line),
    )


def _height(share: int) -> float:
    return round(_KEEL - (_KEEL - _DECK) * max(0, min(share, 100)) / 100, 2)


def _figure(level: float, line: float) -> tuple[float, bool]:
    """The baseline of the figure and whether it lies in the fill: in the roomiest band that the ring leaves free."""
    ring_top, ring_foot = line - _RING, line + _RING
    inside = (max(level, ring_foot) if level < ring_foot else level, _KEEL)
    above = (ring_foot if ring_foot < level else _DECK, level if ring_foot < level else min(level, ring_top))
    for (top, foot), lies_inside, needs in ((inside, True, _INSIDE), (above, False, _FIGURE)):
        if foot - top >= needs:
            return round((top + foot) / 2 + 8, 2), lies_inside
    return round((_DECK + _KEEL) / 2 + 8, 2), level < (_DECK + _KEEL) / 2


def _label(level: float, line: float) -> float:
    """The baseline of the load line's name: over the line, or under it where the fill's edge or the deck interferes."""
    for baseline in (line - 4, line + _LABEL + 3):
        top = baseline - _LABEL
        if top > _DECK and baseline < _KEEL and not top < level < baseline + 2:
            return round(baseline, 2)
    return round(min(level, line) - 4, 2)


def _summary(ready: int, total: int, share: int | None, load_line: int) -> str:
    if share is None:
        return f"No production service yet. The load line is {load_line} percent."
    return f"{ready} of {total} production services are ready: {share} percent. The load line is {load_line} percent."
