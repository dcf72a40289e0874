"""Several shares over the same days."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.charts.trend import Line, trend

DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(5)]


def line(*values: int | None) -> Line:
    return Line(label="Services", tone="services", values=values)


def test_a_gap_is_a_gap_and_a_lone_day_a_dot() -> None:
    (drawn,) = trend([line(0, 50, None, 100, None)], days=DAYS).lines
    assert drawn.runs == ("0.0,100.00 250.0,50.00",)
    assert drawn.dots == (("75.00%", "0.00%"),)
    assert (drawn.last, drawn.end) == (100, ("75.00%", "0.00%"))


def test_the_scale_is_as_high_as_it_has_to_be() -> None:
    assert trend([line(1, 2, 3, 4, 6)], days=DAYS).scale == (10, 5, 0)
    assert trend([line(1, 2, 3, 4, 26)], days=DAYS).scale == (50, 25, 0)
    assert trend([line(1, 2, 3, 4, 5), line(1, 2, 3, 4, 51)], days=DAYS).scale == (100, 50, 0)


def test_days_that_are_carried_are_marked() -> None:
    assert trend([line(1, 2, 3, 4, 5)], days=DAYS, carried=[False, True, True, False, True]).carried == (
        ("20.00%", "40.00%"),
        ("80.00%", "20.00%"),
    )


def test_it_says_in_words_what_it_draws() -> None:
    assert trend([line(None, 10, None, 40, 30)], days=DAYS).summary == "Services: from 10 to 30 percent"
    assert trend([line(None, None, None, None, None)], days=DAYS).summary == "Services: nothing recorded"
    assert trend([line(None, None, None, None, None)], days=DAYS).empty


def test_dates_stand_evenly_apart() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert trend([], days=year).dates == ("1 Jan", "2 Apr", "2 Jul", "1 Oct", "31 Dec")
    assert trend([line(7)], days=DAYS[:1]).dates == ("1 Nov",)
