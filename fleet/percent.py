"""Shares as whole percents that never flatter."""

from __future__ import annotations

_HUNDRED = 100


def percent(part: int, whole: int) -> int | None:
    """Rounded down, so 199 of 200 is not "100 %"; something is never "0 %"; nothing of nothing has no share."""
    if whole <= 0:
        return None
    if part <= 0:
        return 0
    return part * _HUNDRED // whole or 1 if part < whole else _HUNDRED
