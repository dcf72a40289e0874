"""Raw facts as text: what the engine said in its own words, and None where it did not say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """`pairs` of the engine's field and what it said; None where it did not say."""

    title: str
    pairs: list[tuple[str, Any]]


def words(values: Iterable[object] | None) -> str | None:
    """Joined with commas; "none" for an empty list, None for one that was not reported."""
    return None if values is None else ", ".join(str(value) for value in values) or "none"


def flag(value: bool | None) -> str | None:  # noqa: FBT001 - one value, its name is the caller's
    return None if value is None else ("true" if value else "false")


def instead(value: str | None, empty: str) -> str | None:
    """What an empty text means; a text that was not reported stays unreported."""
    return value or (None if value is None else empty)


def size(value: int | None, *, nothing: str = "no limit") -> str | None:
    """Bytes in the unit people set them in."""
    if value is None:
        return None
    if value <= 0:
        return nothing
    for unit, one in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= one:
            return f"{value / one:.4g} {unit}"
    return f"{value} bytes"
