from __future__ import annotations

from datetime import date

from dashboard.charts.timeline import bar, place, ticks, today_at

TODAY = date(2026, 11, 24)


def test_today_stands_a_third_from_the_left() -> None:
    assert today_at() == f"{place(TODAY, TODAY):.2f}%" == "33.33%"


def test_a_bar_ends_on_its_last_day() -> None:
    drawn = bar(date(2028, 11, 24), date(2030, 1, 1), TODAY)
    assert drawn.width == drawn.until == "66.69%"
    assert drawn.extended_width == "18.39%"
    assert (drawn.before, drawn.after, drawn.open) == (False, False, False)


def test_what_lies_off_the_edges_is_seen_all_the_same() -> None:
    assert bar(date(2018, 1, 1), None, TODAY).width == "0.80%"
    assert bar(date(2018, 1, 1), None, TODAY).before
    far = bar(date(2040, 1, 1), date(2045, 1, 1), TODAY)
    assert (far.width, far.extended_width, far.after) == ("100.00%", "", True)


def test_without_an_end_it_goes_on() -> None:
    assert bar(None, None, TODAY).open


def test_years_are_marked_in_order() -> None:
    assert [tick.label for tick in ticks(TODAY)] == ["2025", "2026", "2027", "2028", "2029", "2030"]
