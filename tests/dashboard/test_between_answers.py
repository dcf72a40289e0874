from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.test import Client

from dashboard import between_answers
from dashboard.between_answers import Between


class Circle:
    """Goes only when somebody looks for it."""

    left = 0

    def __init__(self) -> None:
        self.me = self
        Circle.left += 1

    def __del__(self) -> None:
        Circle.left -= 1


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.collect()  # what another test left
    Circle.left = 0
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


@pytest.fixture
def between() -> Between:
    made = Between()
    made.settle()
    return made


def _leave(circles: int) -> None:
    for _ in range(circles):
        Circle()


def test_garbage_stays_while_an_answer_is_made_and_goes_after_it(between: Between) -> None:
    between.started()
    _leave(30_000)
    assert Circle.left == 30_000
    between.ended()
    assert Circle.left == 0
    assert between.looks == 1


def test_a_little_is_left_for_later(between: Between) -> None:
    between.started()
    _leave(100)
    between.ended()
    assert Circle.left == 100
    assert between.looks == 0


def test_another_answer_under_way_is_not_held_up_unless_there_is_much(between: Between) -> None:
    between.started()
    between.started()
    _leave(30_000)
    between.ended()
    assert Circle.left == 30_000
    between.started()
    _leave(100_000)
    between.ended()
    assert Circle.left == 0


def test_one_answer_that_leaves_very_much_is_not_let_fill_the_memory(between: Between) -> None:
    between.started()
    _leave(500_000)
    assert Circle.left < 250_000


def test_what_lasts_is_not_looked_through_again(between: Between) -> None:
    frozen = gc.get_freeze_count()
    kept = [[] for _ in range(60_000)]  # type: ignore[var-annotated]
    between.ended()
    assert gc.get_freeze_count() > frozen + 60_000
    assert len(gc.get_objects()) < 1000
    assert len(kept) == 60_000


def test_after_an_hour_all_is_looked_through(between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [Circle() for _ in range(60_000)]
    between.ended()
    kept.clear()
    _leave(30_000)
    between.ended()
    assert Circle.left == 60_000, "what was left alone is garbage by now, and nobody has looked"
    monkeypatch.setattr(between_answers, "_WHOLE_AFTER", 0.0)
    _leave(30_000)
    between.ended()
    assert Circle.left == 0


@pytest.mark.django_db
def test_it_follows_the_answers_of_the_process(between: Between, client: Client) -> None:
    between.listen()
    try:
        client.get("/healthz")
        _leave(30_000)
        client.get("/healthz")
        assert Circle.left == 0
    finally:
        request_started.disconnect(between.started)
        request_finished.disconnect(between.ended)
