"""Turns as processes take them from one another."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from fleet.turns import GivesWay, Turns


def no() -> bool:
    return False


@pytest.fixture
def opened() -> Iterator[Callable[[int, int], Turns]]:
    made: list[Turns] = []

    def open_some(processes: int, most: int) -> Turns:
        made.append(Turns())
        made[-1].open(processes=processes, most=most)
        return made[-1]

    yield open_some
    for turns in made:
        assert turns._file is not None
        turns._file.close()


@pytest.fixture
def holds() -> Iterator[Callable[[Turns], int]]:
    """A process of its own that has taken a turn, and keeps it until it is killed."""
    yield from _held(lambda turns: turns.one(ends=no))


@pytest.fixture
def sits() -> Iterator[Callable[[Turns], int]]:
    """The same of a seat."""
    yield from _held(lambda turns: turns.seat())


def _held(taken: Callable[[Turns], AbstractContextManager[object]]) -> Iterator[Callable[[Turns], int]]:
    pids: list[int] = []

    def hold(turns: Turns) -> int:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                with taken(turns) as mine:
                    os.write(writer, b"y" if mine else b"n")
                    time.sleep(60)
            finally:
                os._exit(1)
        pids.append(pid)
        os.close(writer)
        assert os.read(reader, 1) == b"y"
        os.close(reader)
        return pid

    yield hold
    for pid in pids:
        kill(pid)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def free(turns: Turns) -> bool:
    with turns.one(ends=no) as mine:
        return mine


def test_a_process_that_is_killed_frees_its_turn(
    opened: Callable[[int, int], Turns], holds: Callable[[Turns], int]
) -> None:
    turns = opened(2, 1)
    other = holds(turns)
    assert not free(turns)
    kill(other)
    assert free(turns)
    holds(turns)  # and one that is left is free, too


@pytest.mark.parametrize(
    ("processes", "most", "turns_there_are"), [(2, 1, 1), (4, 2, 2), (2, 8, 1), (1, 1, 1), (8, 8, 7)]
)
def test_one_process_is_left_to_sweep(
    opened: Callable[[int, int], Turns],
    holds: Callable[[Turns], int],
    processes: int,
    most: int,
    turns_there_are: int,
) -> None:
    turns = opened(processes, most)
    for _ in range(turns_there_are):
        assert free(turns)
        holds(turns)
    assert not free(turns)


def test_outside_of_a_worker_nothing_waits() -> None:
    assert free(Turns())
    assert seated(Turns())


def seated(turns: Turns) -> bool:
    with turns.seat() as keeps:
        return keeps is not None and keeps()


@pytest.mark.parametrize(("processes", "seats"), [(3, 2), (4, 3)])
def test_one_process_is_left_free_for_what_a_person_asks(
    opened: Callable[[int, int], Turns], sits: Callable[[Turns], int], processes: int, seats: int
) -> None:
    turns = opened(processes, 1)
    pids = []
    for _ in range(seats):
        assert seated(turns)
        pids.append(sits(turns))
    assert turns.seated
    assert not seated(turns)
    kill(pids[0])
    assert seated(turns)


@pytest.mark.parametrize("processes", [1, 2])
def test_where_all_processes_are_needed_to_sweep_there_are_no_seats(
    opened: Callable[[int, int], Turns], processes: int
) -> None:
    turns = opened(processes, 1)
    assert not turns.seated
    with turns.seat() as keeps, turns.seat() as others:
        assert keeps is not None
        assert others is not None
        assert keeps()
        assert others()


def test_a_long_job_takes_the_last_seat_away(
    opened: Callable[[int, int], Turns], holds: Callable[[Turns], int], sits: Callable[[Turns], int]
) -> None:
    turns = opened(4, 1)
    first, second = sits(turns), sits(turns)
    with turns.seat() as keeps:
        assert keeps is not None
        assert keeps()
        job = holds(turns)
        assert not keeps()
    assert not seated(turns)
    kill(first)
    assert seated(turns)  # one of the other two
    kill(job)
    with turns.seat() as keeps, turns.seat():
        assert keeps is not None
        assert keeps()
    kill(second)


def test_a_worker_that_is_to_end_begins_none(opened: Callable[[int, int], Turns]) -> None:
    with opened(2, 1).one(ends=lambda: True) as mine:
        assert not mine


def test_a_job_gives_way_when_its_worker_is_to_end_and_notes_no_error_of_its_own(
    opened: Callable[[int, int], Turns],
) -> None:
    turns, told = opened(2, 1), []
    until, before = time.monotonic() + 0.1, signal.getsignal(signal.SIGALRM)

    def job() -> None:
        with turns.one(ends=lambda: time.monotonic() > until):
            try:
                time.sleep(30)
            except Exception as error:  # as jobs note what went wrong with them
                told.append(error)

    with pytest.raises(GivesWay):
        job()
    assert told == []
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert free(turns)
