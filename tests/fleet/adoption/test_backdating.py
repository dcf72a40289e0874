"""Where a service was on days that nobody saw."""

from __future__ import annotations

from datetime import date

from fleet.adoption.backdating import Backdated, Began, Spell, backdated


def day(number: int) -> date:
    return date(2026, 11, number)


TODAY = day(20)
NOW = Spell(9, "production", TODAY, None)
SINCE_15 = Began("production", day(15))


def test_a_service_that_nobody_knew_was_there_since_its_container_was_started() -> None:
    assert backdated([NOW], SINCE_15, TODAY) == Backdated(begin=[(day(15), TODAY)])


def test_what_was_less_far_ends_where_it_moved() -> None:
    before = Spell(1, "staging", day(1), TODAY)
    assert backdated([before, NOW], SINCE_15, TODAY) == Backdated(cut=[(1, day(15))], begin=[(day(15), TODAY)])


def test_a_spell_that_never_was_is_dropped() -> None:
    spells = [Spell(1, "experiment", day(1), day(17)), Spell(2, "staging", day(17), TODAY), NOW]
    found = backdated(spells, SINCE_15, TODAY)
    assert found == Backdated(cut=[(1, day(15))], drop=[2], begin=[(day(15), TODAY)])


def test_days_on_which_it_was_as_far_by_other_evidence_stay() -> None:
    spells = [
        Spell(1, "staging", day(1), day(16)),
        Spell(2, "production", day(16), day(18)),
        Spell(3, "staging", day(18), TODAY),
    ]
    found = backdated([*spells, NOW], SINCE_15, TODAY)
    assert found == Backdated(cut=[(1, day(15))], drop=[3], begin=[(day(15), day(16)), (day(18), TODAY)])


def test_a_service_that_still_is_less_far_is_left_alone() -> None:
    assert backdated([Spell(1, "staging", day(1), None)], SINCE_15, TODAY) == Backdated()


def test_what_began_today_sets_nothing_right() -> None:
    assert backdated([NOW], Began("production", TODAY), TODAY) == Backdated()
