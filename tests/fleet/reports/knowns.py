"""What a report is made from, at its fullest: long names, everything moved, everything unknown."""

from __future__ import annotations

from datetime import timedelta

from fleet.adoption.forecast import Forecast, Point
from fleet.reports.known import Blocker, Held, Known, Moves, Named, Tally, TrendDay
from tests.builders import NOW

DAY = NOW.date()
LONG = "customer-relationship-management-of-the-northern-region-and-its-subsidiaries"


def tally(*, production: int = 4321, services: int = 9876, back: int = 0, **changes: int) -> Tally:
    return Tally(
        day=DAY - timedelta(days=back),
        services=services,
        by_stage={"none": 1000, "experiment": 1555, "staging": services - production - 2555, "production": production},
        verdicts={"ready": 2222, "at-risk": 1234, "not-ready": 654, "unknown": production - 4110, **changes},
        hosts=1234,
        answering=1111,
    )


def full() -> Known:
    named = tuple(Named(f"{LONG}-{number}", f"{LONG}-{number}") for number in range(9))
    titles = {f"rule-{number}": "Something long that a rule may be called, and longer" for number in range(9)}
    counts = {"ready": 12, "1": 34, "2": 56, "3": 78, "beyond": 90, "stale": 12, "total": 282}
    blockers = tuple(
        Blocker(
            rule=f"rule-{number}",
            title=titles[f"rule-{number}"],
            frees={"production": 111, "staging": 22},
            holds={"production": 1234, "staging": 567},
        )
        for number in range(9)
    )
    held = Held(
        at=NOW,
        blockers=blockers,
        below=2099,
        together=1500,
        steps=5,
        staging=counts,
        nearest=tuple((one.slug, one.name, LONG, ("rule-1", "rule-2", "rule-3")) for one in named),
        ready=named,
        teams=tuple(
            (f"{LONG}-{number}", counts, {"production": 321, "staging": 99}, (("rule-1", 55, 321),))
            for number in range(12)
        ),
    )
    path = [Point(day=DAY + timedelta(days=7 * w), expected=44 + w, low=44 - w, high=44 + 2 * w) for w in range(14)]
    trend = [
        TrendDay(day=DAY - timedelta(days=back), part=None if 30 < back < 50 else 4321 - 9 * back, whole=9876)
        for back in range(364, -1, -1)
    ]
    return Known(
        day=DAY,
        at=NOW,
        now=tally(),
        then=tally(production=4000, services=9000, back=7),
        moves=Moves(came=named, left=named, became_ready=named, fell=named),
        trend=tuple(trend),
        outlook=Forecast(path=tuple(path), per_week=0.71, weeks=26),
        load_line=80,
        held=held,
        carried=123,
        oldest_answer=NOW - timedelta(minutes=4),
        stale_tables=6,
        never_answered=11,
        simulated=True,
        titles=titles,
    )
