from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError

from fleet.sweeping import pace
from fleet.sweeping.pace import Pace
from tests.builders import NOW


class Work:
    """Stands for adding up: takes so long each time, and counts."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        self.times, self._seconds, self._error = 0, seconds, error

    def __call__(self, now: datetime, **limits: Any) -> int:
        self.times += 1
        assert limits["seconds"] > 0
        moved.append(self._seconds)
        if self._error:
            raise self._error
        return 0


moved: list[float] = []


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that goes on as work takes time, and when a test says so."""
    moved.clear()
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + sum(moved))
    return moved


def now_and_then(kept: Pace, *, at_first: bool = False) -> None:
    kept.now_and_then(lambda: NOW, at_first=at_first)


def test_little_is_added_up_every_second(passing: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    work, kept = Work(), Pace()
    monkeypatch.setattr(pace, "add_up_marked", work)
    for _ in range(30):
        now_and_then(kept)
        passing.append(0.1)
    assert work.times == 3


@pytest.mark.parametrize(("at_first", "least", "most"), [(False, 20, 36), (True, 6, 10)])
def test_much_gets_a_share_of_the_time_and_less_while_hosts_are_new(
    passing: list[float], monkeypatch: pytest.MonkeyPatch, at_first: bool, least: float, most: float
) -> None:
    work, kept = Work(2.0), Pace()
    monkeypatch.setattr(pace, "add_up_marked", work)
    before = sum(passing)
    while sum(passing) - before < 200:
        now_and_then(kept, at_first=at_first)
        passing.append(0.5)
    assert least <= 2.0 * work.times <= most


def test_hosts_that_are_known_among_those_that_are_new_change_nothing(
    passing: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, kept = Work(2.0), Pace()
    monkeypatch.setattr(pace, "add_up_marked", work)
    before = sum(passing)
    for number in range(400):
        now_and_then(kept, at_first=number % 10 == 0)
        passing.append(0.5)
    assert 2.0 * work.times <= 0.05 * (sum(passing) - before)
    times, before = work.times, sum(passing)
    for _ in range(400):  # and then they are all known
        now_and_then(kept)
        passing.append(0.5)
    assert 2.0 * (work.times - times) >= 0.1 * (sum(passing) - before)


def test_a_database_that_refuses_is_tried_again(passing: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    work, kept = Work(error=OperationalError("deadlock detected")), Pace()
    monkeypatch.setattr(pace, "add_up_marked", work)
    now_and_then(kept)
    passing.append(1.5)
    now_and_then(kept)
    assert work.times == 2
