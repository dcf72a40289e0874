"""Has Python look for garbage between answers and not in one, where looking through all there is took 100 ms."""

from __future__ import annotations

import gc
import time
from threading import Lock
from typing import Any, Final

from django.core.signals import request_finished, request_started

from fleet.garbage import collect_seldom

#: Objects that came and have not gone, after which an answer that is the only one is followed by a look; so many that
#: it is not waited any longer until there is only one; and so many that Python looks by itself, in the midst of an
#: answer that makes a great many.
_SOME: Final = 20_000
_MANY: Final = 100_000
_MOST: Final = 200_000
#: What survives a look is modules, templates and what caches keep. Once it is so many it is not looked through again
#: until this many seconds have passed: a process that has lived long may have dropped some of it.
_KEPT: Final = 20_000
_WHOLE_AFTER: Final = 3600.0


class Between:
    """Of one process. `looks`, `seconds` and `longest` tell what it cost."""

    def __init__(self) -> None:
        self._lock, self._under_way = Lock(), 0
        self._whole_at = time.monotonic()
        self.looks, self.seconds, self.longest = 0, 0.0, 0.0

    def settle(self) -> None:
        """What is there already is left alone, and Python by itself looks for garbage as good as never."""
        gc.collect()
        collect_seldom(_MOST)

    def listen(self) -> None:
        """From now on it is looked between answers."""
        request_started.connect(self.started, weak=False)
        request_finished.connect(self.ended, weak=False)

    def started(self, **_told: Any) -> None:
        with self._lock:
            self._under_way += 1

    def ended(self, **_told: Any) -> None:
        """The answer was sent. Other threads may be in the midst of theirs, which a look would hold up."""
        with self._lock:
            self._under_way = max(0, self._under_way - 1)
            alone = self._under_way == 0
        if gc.get_count()[0] >= (_SOME if alone else _MANY):
            self._look(alone=alone)

    def _look(self, *, alone: bool) -> None:
        began = time.monotonic()
        whole = alone and began - self._whole_at >= _WHOLE_AFTER
        if whole:
            self._whole_at = began
            gc.unfreeze()
        gc.collect()
        # Only where no answer is under way: what belongs to one would be left alone for good.
        if whole or (alone and len(gc.get_objects()) >= _KEPT):
            gc.freeze()
        took = time.monotonic() - began
        self.looks, self.seconds, self.longest = self.looks + 1, self.seconds + took, max(self.longest, took)
