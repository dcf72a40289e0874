"""The hull on the overview: how high the fleet's ready services reach, and where the load line lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.charts.percent import percent

_DECK: Final = 16.0
_KEEL: Final = 122.0
_LABEL_NEEDS: Final = 26.0  # a fill lower than this has no room for its figure inside
_RING: Final = 13.0


@dataclass(frozen=True, slots=True)
class Hull:
    """Ready-made coordinates on a field of 280 by 130."""

    share: int | None
    load_line: int
    level: float
    depth: float
    line: float
    line_label: float
    figure: float
    figure_inside: bool
    draughts: tuple[float, ...]
    summary: str


def hull(*, ready: int, total: int, load_line: int) -> Hull:
    share = percent(ready, total)
    level, line = _height(share or 0), _height(load_line)
    inside = (
        _KEEL - max(level, line + _RING if level < line else level) >= _LABEL_NEEDS and _KEEL - level >= _LABEL_NEEDS
    )
    return Hull(
        share=share,
        load_line=load_line,
        level=level,
        depth=round(_KEEL - level, 2),
        line=line,
        line_label=round(line - 5, 2),
        figure=_figure(level, line, inside=inside),
        figure_inside=inside,
        draughts=tuple(_height(step) for step in (20, 40, 60, 80)),
        summary=_summary(ready, total, share, load_line),
    )


def _height(share: int) -> float:
    return round(_KEEL - (_KEEL - _DECK) * max(0, min(share, 100)) / 100, 2)


def _figure(level: float, line: float, *, inside: bool) -> float:
    """The baseline of the figure: amid the fill, and never across the ring of the load line."""
    if not inside:
        return round(min(level, _KEEL) - 8, 2)
    top = max(level, line + _RING)
    if _KEEL - top < _LABEL_NEEDS:
        top = level
    return round((top + _KEEL) / 2 + 8, 2)


def _summary(ready: int, total: int, share: int | None, load_line: int) -> str:
    if share is None:
        return f"No production service yet. The load line is {load_line} percent."
    return f"{ready} of {total} production services are ready: {share} percent. The load line is {load_line} percent."
