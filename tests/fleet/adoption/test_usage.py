"""Adopter, dabbler, abandoner."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fleet.adoption.usage import EASIER, HARDER, PUBLISHED, Month, Use, use_of


def month(*, hosts: int, different: int, average: float, before: bool = False) -> Month:
    return Month(hosts=hosts, different=different, average=Fraction(average), before=before)


@pytest.mark.parametrize(
    ("told", "use"),
    [
        (month(hosts=10, different=4, average=5), Use.ADOPTER),  # half of the hosts on average
        (month(hosts=10, different=10, average=0), Use.ADOPTER),  # as many different ones as hosts
        (month(hosts=10, different=9, average=4.9), Use.DABBLER),
        (month(hosts=10, different=0, average=0, before=True), Use.ABANDONER),
        (month(hosts=10, different=0, average=3, before=True), Use.ABANDONER),  # that was before the window's end
        (month(hosts=10, different=0, average=0), Use.NEVER),
        (month(hosts=0, different=1, average=0), Use.ADOPTER),
    ],
)
def test_the_published_thresholds_decide(told: Month, use: Use) -> None:
    assert use_of(told) is use


@pytest.mark.parametrize(
    ("thresholds", "average", "different"), [(EASIER, 2.5, 8), (PUBLISHED, 5, 10), (HARDER, 7.5, 15)]
)
def test_each_threshold_is_met_exactly(thresholds: object, average: float, different: int) -> None:
    at = month(hosts=10, different=1, average=average)
    below = month(hosts=10, different=different - 1, average=average - 0.01)
    assert use_of(at, thresholds) is Use.ADOPTER  # type: ignore[arg-type]
    assert use_of(below, thresholds) is Use.DABBLER  # type: ignore[arg-type]
    assert use_of(month(hosts=10, different=different, average=0), thresholds) is Use.ADOPTER  # type: ignore[arg-type]
