"""Sentences of the answer: lists of names that end somewhere, and numbers with their noun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_NAMED: Final = 4


def listed(names: Sequence[str], *, most: int = _NAMED) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
