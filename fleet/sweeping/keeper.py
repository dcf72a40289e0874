"""What one worker process has under way: a host that takes long costs a thread, and never the process.

A task that waited for its slowest host would hold the process for as long as a hanging engine is waited for, and with
one such host in twenty every task has one. So a task stays with its hosts while they answer, and leaves the others to a
thread of the process, which stores what they answer, gives them up, or hands them back when the process ends.
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final, Protocol

from django.db import close_old_connections, connection

from fleet.sweeping.underway import Leased, Stored, renew_all

logger = logging.getLogger(__name__)

#: A task that stored nothing for so long leaves the hosts that have not answered.
IDLE_SECONDS: Final = 0.3
#: And one that still stores leaves the rest after this: the process is to look at what a person asked for.
TURN_SECONDS: Final = 2.0
#: Hosts of one process that are asked or wait to be stored. Each has a thread and a socket.
MOST_UNDER_WAY: Final = 200
#: It takes as many hosts as it stores in about so long: for what waits longer inside one process others may have time,
#: and who waited longest would no longer be who comes next. A few it takes at any pace, and fewer are not worth while.
AHEAD_SECONDS: Final = 2.5
_AHEAD_AT_LEAST: Final = 20
_AHEAD_WORTH: Final = 16
_WAIT_SECONDS: Final = 0.05
#: What the pace of the last step weighs against all before.
_NEWEST: Final = 0.2
#: A process that ends stores for so long what has been answered; the rest is handed back.
FAREWELL_SECONDS: Final = 2.0
_LINGER_SECONDS: Final = 10.0


class Work(Leased, Protocol):
    """Hosts that are being asked; see `Underway`."""

    @property
    def futures(self) -> Collection[Future[Any]]: ...

    @property
    def holds(self) -> bool: ...

    @property
    def left(self) -> int: ...

    @property
    def backlog(self) -> int: ...

    def step(self, seconds: float) -> Stored: ...

    def leave(self) -> None: ...


class Farewell:
    """Says to a worker's processes that they are to end: only their parent hears the signal.

    One byte that parent and children share, because they are forked; written without a lock, in a signal's handler.
    """

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def say(self) -> None:
        self._byte[0] = 1

    @property
    def said(self) -> bool:
        return bool(self._byte[0])


class Keeper:
    """Of one process; its thread begins when there is something to keep."""

    def __init__(
        self,
        *,
        idle: float = IDLE_SECONDS,
        turn: float = TURN_SECONDS,
        most: int = MOST_UNDER_WAY,
        ahead: float = AHEAD_SECONDS,
    ) -> None:
        self.farewell = Farewell()
        self._idle, self._turn, self._most, self._ahead = idle, turn, most, ahead
        self._each = 0.0  # seconds that storing a host takes
        self._ending = False
        self._lock = threading.Lock()
        self._kept: list[Work] = []
        self._works: list[Work] = []  # those of tasks that run, too
        self._thread: threading.Thread | None = None
        self._renewing: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    @property
    def threads(self) -> ThreadPoolExecutor:
        """The process's own, made after it was forked. Kept from task to task: new ones each time cost memory."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, "sweep")
        return self._pool

    @property
    def ends(self) -> bool:
        """Nothing new is to be begun."""
        return self._ending or self.farewell.said

    def room(self, *, slow: bool = False) -> int:
        """Hosts that this process may take. Slow ones leave half of the room to the others, who are far more."""
        ahead = max(_AHEAD_AT_LEAST, self._ahead / self._each if self._each else self._most) - self._backlog
        room = int(min((self._most // 2 if slow else self._most) - self.under_way, ahead))
        return 0 if self.ends or ahead < _AHEAD_WORTH else max(0, room)

    def turn(self, *, slow: bool = False, seconds: float = TURN_SECONDS) -> Iterator[int]:
        """How many hosts there is room for, again and again until that time is over. It waits while what others
        answered is being stored, and ends at once where hosts that hang take all the room.
        """
        until = time.monotonic() + seconds
        while not self.ends and time.monotonic() < until:
            if room := self.room(slow=slow):
                yield room
            elif self._backlog:
                time.sleep(_WAIT_SECONDS)
            else:
                return

    @property
    def _backlog(self) -> int:
        with self._lock:
            return sum(work.backlog for work in self._kept)

    @property
    def under_way(self) -> int:
        with self._lock:
            return sum(work.left for work in self._kept)

    def work(self, work: Work) -> None:
        """Stores what is answered; returns when all is stored or what is left is kept by the thread."""
        until, worked = time.monotonic() + self._turn, time.monotonic()
        self._prolong(work)
        try:
            while work.futures and not self.ends:
                if self._step(work, self._idle):
                    worked = time.monotonic()
                if time.monotonic() > until or time.monotonic() - worked >= self._idle:
                    self._keep(work)
                    return
            _finish(work, time.monotonic() + FAREWELL_SECONDS)
        except BaseException:
            work.leave()
            raise

    def _step(self, work: Work, seconds: float) -> Stored:
        stored = work.step(seconds)
        if stored:
            each = stored.seconds / stored.hosts
            self._each += _NEWEST * (each - self._each) if self._each else each
        return stored

    def stop(self) -> None:
        """The process ends: what is kept is stored or handed back by the thread, within a bounded time."""
        self._ending = True
        thread = self._thread
        if thread is not None:
            thread.join(2 * FAREWELL_SECONDS)

    def _prolong(self, work: Work) -> None:
        """A thread of its own sees to the leases: storing what others answered may take longer than one lasts."""
        with self._lock:
            self._works.append(work)
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._renewing.start()

    def _renew(self) -> None:
        try:
            while True:
                with self._lock:
                    self._works = [work for work in self._works if work.holds]
                    works = list(self._works)
                    if not works:
                        self._renewing = None
                        return
                try:
                    close_old_connections()
                    renew_all(works)
                except Exception:
                    logger.exception("leases could not be prolonged")
                time.sleep(self._idle)
        finally:
            connection.close()

    def _keep(self, work: Work) -> None:
        if not work.futures:
            return
        with self._lock:
            self._kept.append(work)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            lonely = time.monotonic()
            while True:
                with self._lock:
                    kept = list(self._kept)
                    if not kept and (self.ends or time.monotonic() - lonely > _LINGER_SECONDS):
                        self._thread = None
                        return
                if kept:
                    lonely = time.monotonic()
                    self._look_after(kept)
                else:
                    time.sleep(self._idle)
        finally:
            # This thread's own.
            connection.close()

    def _look_after(self, kept: list[Work]) -> None:
        wait([future for work in kept for future in work.futures], timeout=self._idle, return_when=FIRST_COMPLETED)
        close_old_connections()
        until = time.monotonic() + FAREWELL_SECONDS
        for work in kept:
            try:
                if self.ends:
                    _finish(work, until)
                else:
                    self._step(work, 0)
            except Exception:
                logger.exception("what was under way is handed back")
                work.leave()
            if not work.futures:
                with self._lock, contextlib.suppress(ValueError):
                    self._kept.remove(work)


def _finish(work: Work, until: float) -> None:
    """What has been answered is stored, as long as there is time; nothing else is waited for."""
    while work.futures and time.monotonic() < until and work.step(0):
        pass
    work.leave()


#: Of this process. Made before a worker forks, so that its processes share the farewell.
KEEPER: Final = Keeper()
