"""Long jobs of one worker take turns, so that its other processes are free to sweep at any time; and sweeps take seats,
so that one is free for what a person asks, where there are three or more.
"""

from __future__ import annotations

import fcntl
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, Final

#: What somebody waits for is worth nothing when no worker has looked at it for so long.
LONG_SECONDS: Final = 600
#: A long job looks this often whether its worker is to end.
_LOOK_SECONDS: Final = 0.5
#: Fewer processes are all needed to sweep.
_SEATED_FROM: Final = 3
#: Where in the file seats begin, and what says of each turn that it is taken, which may be looked at any time.
_SEATS, _TAKEN = 1_000, 2_000


# No Exception: whatever a job does about errors of its own is not meant.
class GivesWay(BaseException):
    """The worker is to end; somebody else does the job from its beginning."""


class Turns:
    """As many long jobs at a time as there are turns; every process that was forked since `open` shares them.

    A turn is a lock on one byte of a file without a name. The kernel gives it back when its process ends, however it
    ends: a lease in the database would keep the turn of a worker that was killed until the lease is over.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self.most = self._seats = 0

    def open(self, *, processes: int, most: int) -> None:
        """To be called before the worker forks. One process at least is left to sweep, where there are two."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker lives
        self.most = max(1, min(most, processes - 1))
        self._seats = processes - 1 if processes >= _SEATED_FROM else 0

    @contextmanager
    def one(self, *, ends: Callable[[], bool]) -> Iterator[bool]:
        """Whether there was one to take; it lasts as long as the block. Outside of a worker there always is.

        Raises GivesWay inside the block when `ends` says yes meanwhile, and takes none when it does so at once.
        """
        if ends():
            yield False
        elif self._file is None:
            yield True
        elif (mine := _take(self._file, range(self.most))) is None:
            yield False
        else:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _TAKEN + mine)  # waits for those at most who just look
            try:
                with _given_up_when(ends):
                    yield True
            finally:
                for place in (_TAKEN + mine, mine):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    @contextmanager
    def seat(self) -> Iterator[Callable[[], bool] | None]:
        """A process that sweeps takes one of as many seats as there are processes but one, and long jobs take the
        last of them away. What is yielded says whether it may keep its seat; None when there was none to take.

        Where there are no seats it may go on for ever, and the caller is to end by itself.
        """
        if self._file is None or not self._seats:
            yield lambda: True
            return
        file, left = self._file, self._seats - self._long_jobs(self._file)
        if (mine := _take(file, range(_SEATS, _SEATS + left))) is None:
            yield None
            return
        try:
            yield lambda: mine - _SEATS < self._seats - self._long_jobs(file)
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, mine)

    @property
    def seated(self) -> bool:
        """Whether a process is left free while all seats are taken."""
        return self._file is not None and self._seats > 0

    def _long_jobs(self, file: IO[bytes]) -> int:
        return sum(_is_taken(file, _TAKEN + number) for number in range(self.most))


def _take(file: IO[bytes], places: range) -> int | None:
    for place in places:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except BlockingIOError:
            continue
        return place
    return None


def _is_taken(file: IO[bytes], place: int) -> bool:
    if _take(file, range(place, place + 1)) is None:
        return True
    fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
    return False


@contextmanager
def _given_up_when(ends: Callable[[], bool]) -> Iterator[None]:
    """A timer that interrupts whatever the job is at, as Celery's soft time limit does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def look(_number: int, _frame: FrameType | None) -> None:
        if ends():
            raise GivesWay

    before = signal.signal(signal.SIGALRM, look)
    # Again and again, because an exception that is raised while an object is being deleted is lost.
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


#: Of this worker.
TURNS: Final = Turns()
