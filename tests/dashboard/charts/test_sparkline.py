from __future__ import annotations

import pytest

from dashboard.charts.sparkline import HEIGHT, WIDTH, sparkline


@pytest.mark.parametrize("values", [[], [5], [None, 5, None]])
def test_fewer_than_two_values_are_no_trend(values: list[float | None]) -> None:
    line = sparkline(values)
    assert line.lines == ()
    assert line.end is None
    assert line.summary == "not enough history yet"


def test_a_gap_in_the_series_is_a_gap_in_the_drawing() -> None:
    assert len(sparkline([1, 2, None, 3, 4]).lines) == 2


def test_more_is_higher() -> None:
    first, last = sparkline([10, 20]).lines[0].split()
    assert float(first.split(",")[1]) > float(last.split(",")[1])


def test_every_point_stays_on_the_field() -> None:
    for point in sparkline([3, -7, 1_000, 0.5]).lines[0].split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@pytest.mark.parametrize(("values", "trend"), [([1, 2], "up"), ([2, 9, 1], "down"), ([4, 8, 4], "flat")])
def test_the_trend_compares_the_ends(values: list[float | None], trend: str) -> None:
    assert sparkline(values).trend == trend


def test_the_summary_says_the_trend_in_words() -> None:
    assert sparkline([60, 64], unit="%", span="30 days").summary == "from 60% to 64% in 30 days"
    assert sparkline([5, 5]).summary == "steady at 5"
