"""What a process remembers by a digest that says all of it, so that none is ever out of date; of that only so much."""

from __future__ import annotations

from typing import TypeVar

Key = TypeVar("Key")
Known = TypeVar("Known")


def keep(known: dict[Key, Known], key: Key, value: Known, *, most: int) -> None:
    """Keeps it, and where there are so many already forgets a quarter of them, those that came first."""
    if len(known) >= most:
        # Another thread may be at it, too.
        for first in list(known)[: most // 4]:
            known.pop(first, None)
    known[key] = value
