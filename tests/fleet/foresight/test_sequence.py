"""The best few changes together, against trying every set of that size."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.foresight.sequence import best_sequence, ways_to_ready

# Other tests run beside these on few cores, so time is no measure here.
PATIENT = settings(deadline=None)
RULES = "abcdefgh"
Set = frozenset[str]
sets = st.frozensets(st.sampled_from(RULES), min_size=1, max_size=4)
groups = st.lists(st.tuples(st.lists(sets, min_size=1, max_size=3), st.integers(1, 5)), max_size=8)


def gain(needs: list[tuple[list[Set], int]], chosen: Set) -> int:
    return sum(weight for ways, weight in needs if any(way <= chosen for way in ways))


@PATIENT
@given(groups, st.integers(1, 4))
def test_no_other_set_of_that_size_frees_more(needs: list[tuple[list[Set], int]], length: int) -> None:
    found, finished = best_sequence(needs, length=length)
    best = max(gain(needs, frozenset(one)) for one in combinations(RULES, length))
    assert finished
    assert len(found) == len(set(found)) <= length
    assert gain(needs, frozenset(found)) == best


@PATIENT
@given(groups)
def test_none_of_them_is_there_for_nothing(needs: list[tuple[list[Set], int]]) -> None:
    found, _ = best_sequence(needs, length=4)
    whole = gain(needs, frozenset(found))
    assert all(gain(needs, frozenset(found) - {rule}) < whole for rule in found)


def test_two_that_free_many_together_come_before_one_that_frees_a_few() -> None:
    needs = [([frozenset("ab")], 10), ([frozenset("c")], 3)]
    assert best_sequence(needs, length=2) == (["a", "b"], True)
    assert best_sequence(needs, length=3) == (["c", "a", "b"], True)


def test_a_search_that_was_cut_short_says_so() -> None:
    needs = [([frozenset({f"{number}", f"{other}"})], 1) for number, other in combinations(range(12), 2)]
    found, finished = best_sequence(needs, length=5, limit=40)
    assert not finished
    assert len(found) <= 5


def test_nothing_to_free_takes_nothing() -> None:
    assert best_sequence([], length=5) == ([], True)
    assert best_sequence([([frozenset("abcdef")], 9)], length=5) == ([], True)


def any_of(ways: list[Set]) -> Callable[[Set], bool]:
    return lambda mended: any(way <= mended for way in ways)


@PATIENT
@given(st.lists(sets, min_size=1, max_size=4), st.integers(1, 4))
def test_every_smallest_way_to_be_ready_is_found(ways: list[Set], length: int) -> None:
    found = ways_to_ready(RULES, any_of(ways), length=length)
    smallest = {way for way in ways if not any(other < way for other in ways) and len(way) <= length}
    assert set(found.sets) == smallest
    assert (found.complete, found.possible) == (True, True)


def test_what_no_mending_makes_ready_is_named_so() -> None:
    found = ways_to_ready(RULES, lambda _: False, length=5)
    assert (found.sets, found.possible) == ((), False)


def test_too_many_shapes_of_a_need_are_named_so() -> None:
    many = [frozenset(one) for one in combinations(RULES, 4)]
    found = ways_to_ready(RULES, any_of(many), length=4, limit=10)
    assert (found.complete, found.possible) == (False, True)
