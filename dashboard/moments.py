"""Ages in the few words a dense page has room for; `time.js` says them the same way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))
_SECONDS_UNTIL: Final = 90  # up to here seconds are worth showing
_JUST_NOW: Final = 2


def age(when: datetime, *, now: datetime) -> str:
    """`just now`, `14 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; a moment ahead reads `in 3 min`."""
    seconds = round((now - when) / timedelta(seconds=1))
    if abs(seconds) < _JUST_NOW:
        return "just now"
    words = span(abs(seconds))
    return f"{words} ago" if seconds > 0 else f"in {words}"


def span(seconds: int) -> str:
    """`14 s`, `3 min`, `2 h`, `5 d`."""
    if seconds < _SECONDS_UNTIL:
        return f"{seconds} s"
    return next(f"{seconds // size} {unit}" for size, unit in _STEPS if seconds >= size)


def exact(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
