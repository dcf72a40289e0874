"""How many come how far."""

from __future__ import annotations

from dashboard.charts.funnel import Step, funnel


def steps(*counts: int) -> list[Step]:
    return [Step(label=f"Step {number}", count=count, tone="ready") for number, count in enumerate(counts)]


def test_each_step_is_as_wide_as_what_is_left() -> None:
    first, second, third = funnel(steps(40, 20, 10)).steps
    assert first.points == "0.00,0 100.00,0 100.00,76 75.00,100 25.00,100 0.00,76"
    assert (second.share, second.kept) == (50, 50)
    assert (third.share, third.kept) == (25, 50)
    assert first.kept is None


def test_a_step_with_anything_is_seen_and_one_with_nothing_is_not() -> None:
    _, one, none = funnel(steps(10_000, 1, 0)).steps
    assert one.points.startswith("49.70,0 50.30,0")
    assert none.points.startswith("50.00,0 50.00,0")
    assert (one.share, none.share, none.kept) == (1, 0, 0)


def test_nothing_has_no_shares() -> None:
    assert [placed.share for placed in funnel(steps(0, 0)).steps] == [None, None]
    assert funnel([]).summary == "nothing to show yet"
