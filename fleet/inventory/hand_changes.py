"""What several sweeps saw done by hand, put together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from fleet.inventory.container import HandChange

#: How far back a change by hand is told of.
KEPT = timedelta(hours=24)
_MOST = 20


def merged(
    old: Iterable[HandChange] | None, new: Iterable[HandChange] | None, now: datetime
) -> tuple[HandChange, ...] | None:
    """Each once, oldest first, of the last day, the newest twenty.

    `new` is None when this sweep could not read events: what is known already stays, and where nothing is, nobody can
    say that nothing happened.
    """
    young = {(one.at, one.kind): one for one in (*(old or ()), *(new or ())) if now - one.at <= KEPT}
    found = tuple(young[key] for key in sorted(young))[-_MOST:]
    return found if found or new is not None else None
