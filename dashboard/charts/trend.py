"""Several shares over the same days on one field: where the organisation came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from dashboard.words import day_word

#: The field that the lines are drawn on is stretched to the width that there is.
WIDTH: Final = 1000.0
HEIGHT: Final = 100.0
#: Tops of the scale in percent: the lowest that holds every value. A line at 6 % must not lie on the floor.
_TOPS: Final = (10, 25, 50, 100)
_DATES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`values` are percent, one a day, None in a gap. `tone` names colour and dash."""

    label: str
    tone: str
    values: Sequence[int | None]
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """`runs` are polylines, `end` is where the last value is, in percent of the field; a lone day is a dot."""

    line: Line
    runs: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    end: tuple[str, str] | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`carried` are stretches of days (x and width in percent) on which a host did not answer."""

    lines: tuple[Drawn, ...]
    scale: tuple[int, ...]
    dates: tuple[str, ...]
    carried: tuple[tuple[str, str], ...]
    summary: str

    @property
    def empty(self) -> bool:
        return not any(one.runs or one.dots for one in self.lines)


def trend(lines: Sequence[Line], *, days: Sequence[date], carried: Sequence[bool] = ()) -> Trend:
    highest = max((value for line in lines for value in line.values if value is not None), default=0)
    top = next(one for one in _TOPS if highest <= one or one == _TOPS[-1])
    return Trend(
        lines=tuple(_drawn(line, len(days), top) for line in lines),
        scale=(top, top // 2, 0) if top % 2 == 0 else (top, 0),
        dates=_dates(days),
        carried=_stretches(carried, len(days)),
        summary="; ".join(_summary(line) for line in lines),
    )


def _drawn(line: Line, days: int, top: int) -> Drawn:
    step = 1 / (days - 1) if days > 1 else 0
    points = [None if value is None else (number * step, 1 - value / top) for number, value in enumerate(line.values)]
    runs, dots = [], []
    for told, group in groupby(points, lambda point: point is not None):
        run = [point for point in group if point is not None]
        if told and len(run) > 1:
            runs.append(" ".join(f"{WIDTH * x:.1f},{HEIGHT * y:.2f}" for x, y in run))
        elif told:
            dots.append(_place(*run[0]))
    last = next((value for value in reversed(line.values) if value is not None), None)
    end = next((point for point in reversed(points) if point is not None), None)
    return Drawn(line=line, runs=tuple(runs), dots=tuple(dots), end=_place(*end) if end else None, last=last)


def _place(x: float, y: float) -> tuple[str, str]:
    return f"{100 * x:.2f}%", f"{100 * y:.2f}%"


def _dates(days: Sequence[date]) -> tuple[str, ...]:
    """Evenly apart, the first and the last among them."""
    if len(days) <= _DATES:
        return tuple(day_word(day) for day in days)
    return tuple(day_word(days[round(place * (len(days) - 1) / (_DATES - 1))]) for place in range(_DATES))


def _stretches(carried: Sequence[bool], days: int) -> tuple[tuple[str, str], ...]:
    found, place = [], 0
    for silent, group in groupby(carried):
        length = len(list(group))
        if silent:
            found.append((f"{100 * place / days:.2f}%", f"{100 * length / days:.2f}%"))
        place += length
    return tuple(found)


def _summary(line: Line) -> str:
    known = [value for value in line.values if value is not None]
    if not known:
        return f"{line.label}: nothing recorded"
    if known[0] == known[-1]:
        return f"{line.label}: {known[-1]} percent, as at the beginning"
    return f"{line.label}: from {known[0]} to {known[-1]} percent"
