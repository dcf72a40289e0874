"""Long jobs of one worker take turns, so that its other processes are free to sweep at any time."""

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
        self.most = 0

    def open(self, *, processes: int, most: int) -> None:
        """To be called before the worker forks. One process at least is left to sweep, where there are two."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker lives
        self.most = max(1, min(most, processes - 1))

    @contextmanager
    def one(self, *, ends: Callable[[], bool]) -> Iterator[bool]:
        """Whether there was one to take; it lasts as long as the block. Outside of a worker there always is.

        Raises GivesWay inside the block when `ends` says yes meanwhile, and takes none when it does so at once.
        """
        if ends():
            yield False
        elif self._file is None:
            yield True
        elif (mine := self._take(self._file)) is None:
            yield False
        else:
            try:
                with _given_up_when(ends):
                    yield True
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, mine)

    def _take(self, file: IO[bytes]) -> int | None:
        for number in range(self.most):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except BlockingIOError:
                continue
            return number
        return None


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
