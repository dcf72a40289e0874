from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from fleet.garbage import collecting_seldom, loading


@pytest.fixture(autouse=True)
def _as_python_begins() -> Iterator[None]:
    of_the_run = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*of_the_run)


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


def test_what_is_loaded_is_left_alone_and_what_comes_after_is_not() -> None:
    frozen = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
            loaded = [[] for _ in range(100)]  # type: list[list[int]]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= frozen + len(loaded)
    finally:
        gc.unfreeze()


def test_what_cannot_be_loaded_leaves_the_search_for_garbage_on() -> None:
    try:
        with pytest.raises(ImportError), loading():
            raise ImportError
        assert gc.isenabled()
    finally:
        gc.unfreeze()
