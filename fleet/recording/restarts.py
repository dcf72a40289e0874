"""Restarts, counted from what sweeps saw of a container one after another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fleet.models import Container

#: Restarts are counted over this window.
RESTART_WINDOW = timedelta(minutes=10)


def _window_start(now: datetime) -> str:
    return (now - RESTART_WINDOW).isoformat()


def has_old_marks(row: Container, now: datetime) -> bool:
    """Whether a mark besides the first has left the window, so that the count of restarts has to be taken anew."""
    return len(row.restart_marks) > 1 and row.restart_marks[1][0] <= _window_start(now)


def marks_after(row: Container, count: int, now: datetime) -> list[list[Any]]:
    """Counts seen, newest last. The newest mark from before the window is kept: it is what the window began with."""
    marks = [] if row.restart_count > count else list(row.restart_marks)  # a lower count means a start by hand
    if not marks or marks[-1][1] != count:
        marks.append([now.isoformat(), count])
    start = _window_start(now)
    while len(marks) > 1 and marks[1][0] <= start:
        marks.pop(0)
    return marks[-50:]


def restarts_in_window(row: Container, *, now: datetime) -> int | None:
    """How many restarts the last ten minutes saw; None when the container has not been watched that long and
    is too old for its whole count to fall into the window, and no run tells.
    """
    if row.created_at is not None and now - row.created_at <= RESTART_WINDOW:
        return row.restart_count
    if not row.restart_marks:
        return None
    first_time, first_count = row.restart_marks[0]
    rise = row.restart_count - int(first_count)
    if rise == 0 and row.state == "running" and row.started_at is not None and row.started_at <= now - RESTART_WINDOW:
        return 0  # every restart renews StartedAt: a run that began before the window proves that there was none in it
    watched_long = datetime.fromisoformat(first_time) <= now - RESTART_WINDOW or row.first_seen <= now - RESTART_WINDOW
    return rise if watched_long or rise > 0 or len(row.restart_marks) > 1 else None
