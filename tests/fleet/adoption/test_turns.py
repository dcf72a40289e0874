"""What becomes of spells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fleet.adoption.turns import Open, Standing, Turns, turns

TODAY, EARLIER = date(2026, 11, 23), date(2026, 11, 1)
SHOP = Standing(name="shop", team="a", stage="production", verdict="ready", told="seen")


def test_what_stays_the_same_is_not_written() -> None:
    assert turns({1: SHOP}, [Open(7, 1, EARLIER, SHOP)], TODAY) == Turns()


def test_a_new_service_begins() -> None:
    assert turns({1: SHOP}, [], TODAY) == Turns(begin=[(1, SHOP)])


def test_what_moved_ends_and_begins_again() -> None:
    before = replace(SHOP, stage="staging")
    assert turns({1: SHOP}, [Open(7, 1, EARLIER, before)], TODAY) == Turns(begin=[(1, SHOP)], end=[7])


def test_of_a_day_the_last_word_stands() -> None:
    before = replace(SHOP, verdict="not-ready")
    assert turns({1: SHOP}, [Open(7, 1, TODAY, before)], TODAY) == Turns(rewrite=[(7, SHOP)])


def test_a_new_name_is_no_new_spell() -> None:
    before = replace(SHOP, name="store")
    assert turns({1: SHOP}, [Open(7, 1, EARLIER, before)], TODAY) == Turns(rewrite=[(7, SHOP)])


def test_what_left_ends_and_what_only_came_today_never_was() -> None:
    assert turns({}, [Open(7, 1, EARLIER, SHOP), Open(8, 2, TODAY, SHOP)], TODAY) == Turns(end=[7], drop=[8])


def test_a_forgotten_service_ends() -> None:
    assert turns({1: SHOP}, [Open(7, None, EARLIER, SHOP)], TODAY) == Turns(begin=[(1, SHOP)], end=[7])


def test_a_second_spell_of_one_service_ends() -> None:
    """Two that recorded at once may both have begun one."""
    twice = [Open(7, 1, EARLIER, SHOP), Open(8, 1, TODAY, SHOP)]
    assert turns({1: SHOP}, twice, TODAY) == Turns(drop=[8])
