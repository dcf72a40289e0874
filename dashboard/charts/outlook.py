"""A trend with what may come of it: a line of days that were, and a fan over days that are not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

WIDTH: Final = 560
HEIGHT: Final = 190
_LEFT: Final = 34
_RIGHT: Final = 8
_TOP: Final = 8
_BOTTOM: Final = 22
_FEWEST: Final = 2
_SHORTEST: Final = 28  # days that the drawing spans at least
_TICKS: Final = (5, 10, 20, 25)
_LINES: Final = 5
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ROOM: Final = 46  # pixels that the name of a month takes


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`lines` are polylines of days that were, parted by gaps; `fan` is a polygon and `middle` a line of what may come.
    `dots` are days between two gaps.
    """

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    fan: str
    middle: str
    end: tuple[float, float] | None
    today: float | None
    levels: tuple[Tick, ...]
    months: tuple[Tick, ...]
    summary: str


def outlook_chart(trend: Sequence[Sequence[Any]], outlook: Mapping[str, Any]) -> Outlook | None:
    """Of a report's document; None while fewer than two days are known."""
    days = [(date.fromisoformat(day), _percent(part, whole)) for day, part, whole in trend]
    known = [(day, value) for day, value in days if value is not None]
    if len(known) < _FEWEST:
        return None
    path = [(date.fromisoformat(day), *values) for day, *values in outlook.get("path", ())]
    return _drawn([one for one in days if one[0] >= known[0][0]], known, path)


def _percent(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else 100 * part / whole


def _drawn(
    days: Sequence[tuple[date, float | None]], known: Sequence[tuple[date, float]], path: Sequence[Sequence[Any]]
) -> Outlook:
    last = days[-1][0]
    end = path[-1][0] if path else last
    begin = min(days[0][0], end - timedelta(days=_SHORTEST))
    values = [value for _, value in known] + [one[2] for one in path] + [one[3] for one in path]
    low, high, step = _scale(min(values), max(values))
    width, reach = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    span = (end - begin).days

    def x(day: date) -> float:
        return round(_LEFT + width * (day - begin).days / span, 1)

    def y(value: float) -> float:
        return round(_TOP + reach * (high - value) / (high - low), 1)

    runs = [list(run) for there, run in groupby(days, lambda one: one[1] is not None) if there]
    above, below = [(x(one[0]), y(one[3])) for one in path], [(x(one[0]), y(one[2])) for one in reversed(path)]
    levels = tuple(Tick(y(value), f"{value}%") for value in range(low, high + 1, step))
    return Outlook(
        lines=tuple(_line((x(day), y(value or 0)) for day, value in run) for run in runs if len(run) > 1),
        dots=tuple((x(run[0][0]), y(run[0][1] or 0)) for run in runs if len(run) == 1),
        fan=_line([*above, *below]) if path else "",
        middle=_line((x(one[0]), y(one[1])) for one in path),
        end=(x(known[-1][0]), y(known[-1][1])),
        today=x(last) if path else None,
        levels=levels,
        months=_months(begin, end, x),
        summary=_summary(known, path),
    )


def _line(points: Any) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _scale(least: float, most: float) -> tuple[int, int, int]:
    """From, to and step in percent: a few round levels that hold everything."""
    for step in _TICKS:
        low, high = int(least // step) * step, int(-(-most // step)) * step
        if high == low:
            low, high = max(0, low - step), min(100, high + step)
        if (high - low) // step <= _LINES:
            return low, high, step
    return 0, 100, _TICKS[-1]


def _months(begin: date, end: date, x: Any) -> tuple[Tick, ...]:
    """The first of each month, as far as their names have room."""
    firsts = [day for number in range((end - begin).days + 1) if (day := begin + timedelta(days=number)).day == 1]
    found: list[Tick] = []
    for day in firsts:
        place = x(day)
        if place > WIDTH - _ROOM / 2 or place < _LEFT + _ROOM / 3 or (found and place - found[-1].at < _ROOM):
            continue
        found.append(Tick(place, f"{_MONTHS[day.month - 1]} {day.year}" if day.month == 1 else _MONTHS[day.month - 1]))
    return tuple(found)


def _summary(known: Sequence[tuple[date, float]], path: Sequence[Sequence[Any]]) -> str:
    (first, begin), (last, now) = known[0], known[-1]
    words = f"Share of services in production: {begin:.0f}% on {first.isoformat()}, {now:.0f}% on {last.isoformat()}"
    if path:
        day, _, low, high = path[-1]
        words += f"; between {low:.0f}% and {high:.0f}% expected on {day.isoformat()}"
    return words
