from __future__ import annotations

import gc

from fleet.garbage import collecting_seldom


def test_garbage_is_looked_for_seldom_and_then_as_before() -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()
    with collecting_seldom():
        assert gc.get_threshold()[0] > 10 * usual[0]
        assert gc.get_threshold()[1:] == usual[1:]
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_what_comes_meanwhile_is_collected_all_the_same() -> None:
    class Circle:
        def __init__(self) -> None:
            self.me = self

    with collecting_seldom():
        gc.collect()
        made = [Circle() for _ in range(3)]
        made.clear()
        assert gc.collect() >= 3
