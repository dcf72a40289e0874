"""Beat's scheduler, made safe for a clock that is set back and for a disk that is full."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler
from celery.utils.time import maybe_make_aware

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Celery's own reckons with the wall clock: after one that was an hour ahead it sends nothing for an hour,
    and a restart does not help, because it keeps in a file when each job last ran.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        for entry in self.schedule.values():
            now = maybe_make_aware(entry.default_now())
            if entry.last_run_at is not None and maybe_make_aware(entry.last_run_at) > now:
                logger.warning("%s last ran in the future: the clock was set back", entry.name)
                entry.last_run_at = now
                self._heap = None  # has the time of its next run, as far ahead
        return float(super().tick(*args, **kwargs))

    def sync(self) -> None:
        try:
            super().sync()
        except OSError as error:
            # What is lost is when the hourly jobs last ran, should beat be started anew before there is room.
            logger.warning("when jobs last ran cannot be written down: %s", error)
