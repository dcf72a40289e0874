"""Sentences of the answer: lists of names that end somewhere, and numbers with their noun."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_NAMED: Final = 4
_TASK_ID: Final = re.compile(r"\.[a-z0-9]{25}(?=\.|$)")  # as swarm puts behind the names of its containers


def listed(names: Sequence[str], *, most: int = _NAMED) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def short(name: str) -> str:
    """A container's name without the long ids that swarm puts behind its service and its slot."""
    return _TASK_ID.sub("", name)
