"""Processor time and memory of groups of processes, read from /proc (Linux)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.idle import TICKS, tree


@dataclass
class Account:
    """Of one group: seconds of processor time since it began, and the most MiB that any look found."""

    seconds: float = 0.0
    peak_pss: float = 0.0
    peak_rss: float = 0.0  # what processes share is counted once for each of them
    processes: int = 0


def cpu_seconds(root: int) -> float:
    """Of a process and all that it started, those that have ended and were waited for included."""
    total = 0
    for pid in _living(root):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def memory(root: int) -> tuple[float, float, int]:
    """PSS and RSS in MiB, and how many processes."""
    pss = rss = count = 0
    for pid in _living(root):
        with suppress(OSError, IndexError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            pss += int(rollup.partition("\nPss:")[2].split()[0])
            rss += int(rollup.partition("\nRss:")[2].split()[0])
            count += 1
    return pss / 1024, rss / 1024, count


def _living(root: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        found.extend(tree(root))
    return found


def idle_seconds() -> tuple[float, float]:
    """Of all cores of this machine together since it began: with nothing to do, and waiting for a disk."""
    times = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    return int(times[4]) / TICKS, int(times[5]) / TICKS


class Watch:
    """Looks at each group every few seconds from `start` to `stop`, in a thread of its own.

    The sum over living processes would fall when one of them ends, so each group's root counts those it waited for.
    """

    def __init__(self, roots: Mapping[str, int], *, every: float = 5.0) -> None:
        self.roots, self.every = dict(roots), every
        self.accounts = {name: Account() for name in roots}
        self._before: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True)

    def start(self) -> None:
        self._before = {name: cpu_seconds(root) for name, root in self.roots.items()}
        self._thread.start()

    def stop(self) -> dict[str, Account]:
        self._ended.set()
        self._thread.join()
        self._look()
        return self.accounts

    def _look_again(self) -> None:
        while not self._ended.wait(self.every):
            self._look()

    def _look(self) -> None:
        for name, root in self.roots.items():
            account = self.accounts[name]
            account.seconds = max(account.seconds, cpu_seconds(root) - self._before[name])
            pss, rss, count = memory(root)
            account.peak_pss, account.peak_rss = max(account.peak_pss, pss), max(account.peak_rss, rss)
            account.processes = max(account.processes, count)


def interrupted_like_terminated() -> None:
    """SIGTERM unwinds as Ctrl-C does, so that everything that was started is ended; a second one waits for that."""

    def leave(*_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
