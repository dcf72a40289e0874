from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.apparatus.answers import Answers, percentile

BEGIN = datetime(2026, 11, 29, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


@pytest.fixture
def answers() -> Answers:
    """Two good hosts answered at 0, and were due again at 30."""
    made = Answers({"one", "two"}, interval=30)
    made.look([("one", at(0), at(30), 0), ("two", at(0), at(30), 0), ("hanging", None, at(30), 1)])
    return made


def test_an_answer_is_late_against_the_moment_that_the_one_before_left(answers: Answers) -> None:
    answers.look([("one", at(33), at(60), 0), ("two", at(0), at(150), 0)])
    answers.look([("one", at(33), at(152), 0), ("two", at(95), at(120), 0)])  # claimed again meanwhile
    answers.look([("one", at(70), at(90), 0), ("two", at(95), at(120), 0)])
    assert sorted(answers.late) == [3, 10, 65]
    assert answers.gaps == {"one": [33, 37], "two": [95]}


def test_hosts_that_are_broken_on_purpose_count_for_nothing(answers: Answers) -> None:
    answers.look([("hanging", at(500), at(530), 0)])
    answers.close(at(0))
    assert answers.told()["answers"] == 0


def test_an_answer_before_its_time_is_not_late(answers: Answers) -> None:
    answers.look([("one", at(20), at(50), 0)])
    assert answers.late == [0]


def test_a_host_that_fell_silent_is_a_gap_although_it_never_ends(answers: Answers) -> None:
    answers.look([("one", at(31), at(61), 0)])
    answers.close(at(90))
    told = answers.told()
    assert answers.gaps == {"one": [31, 59], "two": [90]}
    assert answers.waits() == [31, 59, 90]
    assert (told["gaps_longer_than_60s"], told["hosts_with_such_gaps"]) == (1, 1)


def test_what_came_before_the_measurement_is_left_out_but_for_the_last_answer(answers: Answers) -> None:
    answers.look([("one", at(300), at(330), 0)])
    answers.forget()
    answers.look([("one", at(335), at(360), 0)])
    assert (answers.gaps, answers.late) == ({"one": [35]}, [5])


def test_percentiles_are_values_that_were_seen() -> None:
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0, 0.5, 1)] == [1, 2, 3]
    assert percentile([], 0.5) is None
