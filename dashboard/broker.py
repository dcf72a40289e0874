"""The embedded queue: kombu's filesystem transport, made safe for several producers and workers at once.

kombu's own writes a message under its final name, so a reader can pick up half of it, and a worker process that
reads half a message ends. Here a message gets its final name only when it is whole, and a reader claims it by a
rename that only one can win. A claimed message that dies with its worker is lost, on purpose: the queue is only a
hint, the database hands the same hosts out again at the next interval.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.utils.json import dumps, loads

SCHEME: Final = "filesystem-atomic"
#: The queue of long jobs. What waits there outlives a restart: the database does not know that somebody asked for it.
LASTING: Final = "long"
_counter = itertools.count()


class Channel(filesystem.Channel):
    """One folder a queue. No fanout: its routing table is a shared file with the same half-read trouble."""

    supports_fanout = False

    def _folder(self, queue: str) -> Path:
        return Path(self.data_folder_in) / queue

    def _new_queue(self, queue: str, **_kwargs: Any) -> None:
        (self._folder(queue) / "claimed").mkdir(parents=True, exist_ok=True)

    # The two stubs above disagree on the argument's name.
    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        # Wall-clock time orders messages across processes and reboots; pid and counter make the name ours alone.
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(_counter)}.msg"
        folder = self._folder(queue)
        draft = folder / "claimed" / f"{name}.draft"
        try:
            draft.write_text(dumps(payload))
        except FileNotFoundError:
            self._new_queue(queue)
            draft.write_text(dumps(payload))
        except OSError:
            draft.unlink(missing_ok=True)  # a full disk would keep one for every tick
            raise
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder, names = self._folder(queue), self._listed(queue)
        while names:
            claim = folder / "claimed" / names[0]
            try:
                (folder / names.popleft()).rename(claim)
            except FileNotFoundError:
                continue  # another worker was faster
            payload = claim.read_bytes()
            claim.unlink()
            return loads(payload)
        raise Empty

    def _listed(self, queue: str) -> deque[str]:
        # Listing and sorting for every message costs 8 ms each at ten thousand queued; once per list costs nothing.
        listed: dict[str, deque[str]] = self.__dict__.setdefault("_names", {})
        if not listed.get(queue):
            listed[queue] = deque(sorted(_messages(self._folder(queue))))
        return listed[queue]

    def _size(self, queue: str) -> int:
        return len(_messages(self._folder(queue)))

    def _purge(self, queue: str) -> int:
        names = _messages(self._folder(queue))
        for name in names:
            (self._folder(queue) / name).unlink(missing_ok=True)
        return len(names)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)

    def get_table(self, exchange: str) -> Any:
        # Each process that sends declares the queue first, so its own memory is table enough.
        return virtual.Channel.get_table(self, exchange)


class Transport(filesystem.Transport):
    Channel = Channel
    implements = virtual.Transport.implements
    global_state = virtual.BrokerState()
    driver_type = driver_name = SCHEME


def _messages(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".msg")]  # noqa: PTH208
    except FileNotFoundError:
        return []


def forget_queued(folder: Path) -> None:
    """What an earlier run left behind is stale: the database knows what is due."""
    for path in folder.glob("*/**/*.msg*"):
        if path.parent != folder / LASTING:
            path.unlink(missing_ok=True)


# A dotted class path in a broker address is lower-cased by kombu, so the scheme is registered by name.
TRANSPORT_ALIASES[SCHEME] = "dashboard.broker:Transport"
