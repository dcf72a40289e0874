"""How often a process adds up services while it sweeps."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import DatabaseError, InterfaceError

from fleet.assessment import add_up_marked

logger = logging.getLogger(__name__)

#: Seconds between two times when there is little to add up, and the longest that it takes at a time.
_EVERY, _AT_MOST = 1.0, 2.0
#: Of a process's time.
_SHARE: Final = 0.15
#: While hosts are swept for the first time each service is marked by host after host; the longer it waits, the more of
#: them are worked off at once. Hosts that are known already are swept between those that are new, and so it lasts for
#: some seconds after each of these.
_SHARE_AT_FIRST: Final = 0.04
_FIRST_SECONDS: Final = 10.0


class Pace:
    """Adds up what is marked, at once where that is little, and with a share of the time where it is much."""

    def __init__(self) -> None:
        self._next = self._first_until = time.monotonic()
        self._busy = threading.Lock()

    def now_and_then(self, clock: Callable[[], datetime], *, at_first: bool = False) -> None:
        """From whatever thread stores; when it is time, and nobody else of the process is at it. `at_first` hosts were
        stored that were never swept before.
        """
        if at_first:
            self._first_until = time.monotonic() + _FIRST_SECONDS
        if time.monotonic() < self._next or not self._busy.acquire(blocking=False):
            return
        try:
            began = time.monotonic()
            try:
                add_up_marked(clock(), seconds=_AT_MOST)
            except (DatabaseError, InterfaceError):
                # The marks are still there, for the next time or for the job that catches up.
                logger.warning("services could not be added up yet", exc_info=True)
            ended = time.monotonic()
            share = _SHARE_AT_FIRST if ended < self._first_until else _SHARE
            self._next = ended + max(_EVERY, (ended - began) * (1 / share - 1))
        finally:
            self._busy.release()


#: Of this process.
PACE: Final = Pace()
