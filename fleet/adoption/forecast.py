"""Where the share of services in production is going, with its uncertainty; or why nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt
from statistics import NormalDist, variance
from typing import Final

#: The chance that what comes lies within the interval.
CHANCE: Final = 0.8
#: Weeks that are looked back on at most: what was longer ago tells little of the pace of today.
MOST_WEEKS: Final = 26
#: Steps from week to week without which a spread cannot be told from luck.
FEWEST_STEPS: Final = 8
#: Days that are looked ahead at most, and never further than half as far as is looked back.
MOST_AHEAD: Final = 91
#: Share of the weeks looked back on of which a day must be known.
LEAST_KNOWN: Final = 0.75
#: Services below which one more or less is a leap and no trend.
FEWEST_SERVICES: Final = 10
#: Days that the newest known one may be old.
OLDEST: Final = 7
#: Steps of a block whose paces are held against each other, and blocks without which they are not.
BLOCK: Final = 4
FEWEST_BLOCKS: Final = 3
#: Steps that are held against all earlier ones, and how many standard errors apart they must be to have turned.
RECENT: Final = (4, 8)
TURNED: Final = 1.645
_WEEK: Final = 7
_HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Percent on a day to come: `expected`, and with the chance of CHANCE between `low` and `high`."""

    day: date
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`path` begins at the newest known day, where nothing is uncertain, and ends at `end`; a point a week.

    `per_week` is the pace in percent points a week over the last `weeks` weeks.
    """

    path: tuple[Point, ...]
    per_week: float
    weeks: int

    @property
    def end(self) -> Point:
        return self.path[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoForecast:
    """`reason` is few-services, few-days, gaps, old, turned or no-trend; `why` goes on after a colon."""

    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """From one known day to the next: how long, and by how many percent points."""

    weeks: float
    points: float


def forecast(shares: Mapping[date, float], *, today: date, services: int) -> Forecast | NoForecast:
    """`shares` are percents (0 to 100) by day, of those days alone that can be trusted; `services` is the catalogue's
    size today, which says by how much one service moves the share.

    A random walk with drift, observed once a week: the steps of the weeks to come are taken to be as large and as
    unequal as those of the weeks behind. So the interval has three parts: that weeks differ, that the pace is known
    from few of them, and that it itself was not the same from month to month. Steps are no more regular than chance
    would have them, however regular they were. docs/report.md says how often such intervals held.
    """
    known = {day: share for day, share in shares.items() if day <= today}
    if services < FEWEST_SERVICES:
        return NoForecast(
            reason="few-services",
            why=f"with fewer than {FEWEST_SERVICES} services each one moves the share by so much that no pace shows.",
        )
    days = _weekly(known, today)
    span = (days[-1] - days[0]).days if days else 0
    if trouble := _unfit(known, days, span, today):
        return trouble
    steps = [Step((later - earlier).days / _WEEK, known[later] - known[earlier]) for earlier, later in pairwise(days)]
    weeks = span / _WEEK
    pace, spread = _pace(steps, grain=_HUNDRED / services)
    if _turned(steps, spread):
        return NoForecast(
            reason="turned",
            why=f"the last weeks went at another pace than the {round(weeks)} weeks together that are looked back on."
            " One can be made again when the new pace has held for longer.",
        )
    wide = _student((1 + CHANCE) / 2, len(steps) - 1)
    if abs(pace) <= wide * spread / sqrt(weeks):
        return NoForecast(
            reason="no-trend",
            why=f"in the last {round(weeks)} weeks it went up and down by more than it went anywhere,"
            " so no trend can be told from none.",
        )
    unsteady = _unsteady(steps, spread)
    last, newest = known[days[-1]], days[-1]
    ahead = range(int(min(MOST_AHEAD, span / 2)) // _WEEK + 1)
    path = [
        _point(last, newest, week, pace, wide * sqrt(spread**2 * (week + week**2 / weeks) + (unsteady * week) ** 2))
        for week in ahead
    ]
    return Forecast(path=tuple(path), per_week=pace, weeks=round(weeks))


def _weekly(known: Mapping[date, float], today: date) -> list[date]:
    """The newest known day of each week, counted back from the newest of all; oldest first."""
    if not known:
        return []
    newest = max(known)
    chosen: dict[int, date] = {}
    for day in sorted(known):
        week = (newest - day).days // _WEEK
        if week <= MOST_WEEKS:
            chosen[week] = day
    return [chosen[week] for week in sorted(chosen, reverse=True)]


def _unfit(known: Mapping[date, float], days: list[date], span: int, today: date) -> NoForecast | None:
    if span < FEWEST_STEPS * _WEEK:
        told = f"only {span + 1} day{'s are' if span else ' is'} known" if known else "no day is known"
        return NoForecast(reason="few-days", why=f"{told}; a pace shows after {FEWEST_STEPS * _WEEK}.")
    if (today - days[-1]).days > OLDEST:
        return NoForecast(reason="old", why=f"the newest day that is known is {days[-1].isoformat()}.")
    weeks = span // _WEEK + 1
    if len(days) < LEAST_KNOWN * weeks or len(days) <= FEWEST_STEPS:
        return NoForecast(
            reason="gaps", why=f"of the last {weeks} weeks {weeks - len(days)} have no day of which enough is known."
        )
    return None


def _pace(steps: Sequence[Step], *, grain: float) -> tuple[float, float]:
    """Points a week, and the spread (standard deviation) of the step of one week around that.

    A step over two weeks, where one is not known, counts for as long as it is: nothing is made up between.
    """
    pace = _mean(steps)
    around = [(one.points - pace * one.weeks) / sqrt(one.weeks) for one in steps]
    around_it = sum(one * one for one in around) / (len(steps) - 1)
    # Services come one by one: were they independent of each other, so many a week would spread by so much.
    return pace, sqrt(max(around_it, abs(pace) * grain, grain * grain / 6))


def _mean(steps: Sequence[Step]) -> float:
    return sum(one.points for one in steps) / sum(one.weeks for one in steps)


def _turned(steps: Sequence[Step], spread: float) -> bool:
    """Whether the last steps went at another pace than all before, by more than their spread explains."""
    for recent in RECENT:
        late, early = steps[-recent:], steps[:-recent]
        if len(early) < BLOCK:
            continue
        error = spread * sqrt(1 / sum(one.weeks for one in late) + 1 / sum(one.weeks for one in early))
        if abs(_mean(late) - _mean(early)) > TURNED * error:
            return True
    return False


def _unsteady(steps: Sequence[Step], spread: float) -> float:
    """Standard deviation of the pace from block to block, without what the spread within them explains."""
    newest = list(reversed(steps))
    blocks = [newest[at : at + BLOCK] for at in range(0, len(newest) - BLOCK + 1, BLOCK)]
    if len(blocks) < FEWEST_BLOCKS:
        return 0.0
    between = variance(map(_mean, blocks))
    within = spread * spread * sum(1 / sum(one.weeks for one in block) for block in blocks) / len(blocks)
    return sqrt(max(0.0, between - within))


def _point(last: float, day: date, week: int, pace: float, reach: float) -> Point:
    middle = last + pace * week
    low, expected, high = (min(_HUNDRED, max(0.0, one)) for one in (middle - reach, middle, middle + reach))
    return Point(day=day + timedelta(days=week * _WEEK), expected=expected, low=low, high=high)


def _student(quantile: float, freedom: int) -> float:
    """Student's t from the normal quantile, by the first terms of Cornish and Fisher; to 0.1 % from 7 degrees on."""
    z = NormalDist().inv_cdf(quantile)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
