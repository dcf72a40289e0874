"""What several sweeps saw done by hand, put together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from fleet.inventory.container import HandChange

#: How far back a change by hand is told of.
KEPT = timedelta(hours=24)
_MOST = 20


def merged(old: Iterable[HandChange], new: Iterable[HandChange], now: datetime) -> tuple[HandChange, ...]:
    """Each once, oldest first, of the last day, the newest twenty."""
    young = {(one.at, one.kind): one for one in (*old, *new) if now - one.at <= KEPT}
    return tuple(young[key] for key in sorted(young))[-_MOST:]
