"""What of a container's facts lasts while it stops, starts, restarts or falls ill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleet.inventory.plain import fingerprint

#: How a container fares, which is judged of the container. Nothing that is asked about a whole service reads it of the
#: members (tests/fleet/inventory/test_lasting.py): `state`, which is asked for, is not among it, and whether a member
#: just started or restarted the service's key asks of its row.
FARING: Final = frozenset({
    "started_at", "finished_at", "restart_count", "exit_code", "error", "oom_killed", "health", "failing_streak",
    "hand_changes",
})  # fmt: skip


#: Ends the digest of a container that mounts no volume, so that nobody has to read which.
NO_VOLUME: Final = "-"


def lasting(plain: Mapping[str, Any]) -> str:
    """A digest of the plain facts without how the container fares."""
    digest = fingerprint({name: value for name, value in plain.items() if name not in FARING})
    mounts = any(mount.get("name") for mount in plain.get("mounts") or ())
    return digest if mounts else f"{digest[: -len(NO_VOLUME)]}{NO_VOLUME}"
