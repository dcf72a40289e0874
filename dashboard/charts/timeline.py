"""Days on a line with today on it: bars that end when something does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

#: Years before and after today that are drawn; what lies further off ends at the edge, with an arrow.
BEFORE: Final = 2
AFTER: Final = 4
#: What ended before the left edge leaves as much there.
_STUB: Final = 0.8
_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """From the left edge to the last day for everybody, and on to the one for some; in percent of the width.

    `until` and `extended` are None where there is no such day; `open` has no end, `before` and `after` lie off the
    edges.
    """

    until: str | None = None
    width: str = "0%"
    extended_width: str = ""
    open: bool = False
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    x: str
    label: str


def place(day: date, today: date) -> float:
    """0 to 100, from left to right; below and above where it is further off."""
    return 100 * ((day - today).days / _YEAR + BEFORE) / (BEFORE + AFTER)


def bar(end: date | None, extended: date | None, today: date) -> Bar:
    if end is None:
        return Bar(open=True, width="100%")
    x = place(end, today)
    inside = min(100.0, max(_STUB, x))
    further = min(100.0, max(0.0, place(extended, today))) if extended else inside
    return Bar(
        until=_percent(inside),
        width=_percent(inside),
        extended_width=_percent(further - inside) if further > inside else "",
        before=x < 0,
        after=x > 100,  # noqa: PLR2004 - percent
    )


def today_at() -> str:
    return _percent(100 * BEFORE / (BEFORE + AFTER))


def ticks(today: date) -> list[Tick]:
    """The first of January of each year that is drawn."""
    days = [date(year, 1, 1) for year in range(today.year - BEFORE, today.year + AFTER + 2)]
    return [Tick(x=_percent(x), label=str(day.year)) for day in days if 0 <= (x := place(day, today)) <= 100]  # noqa: PLR2004


def _percent(value: float) -> str:
    return f"{value:.2f}%"
