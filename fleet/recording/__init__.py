"""A snapshot becomes rows."""

from __future__ import annotations

from fleet.recording.asked import endpoints_of, slow_and_due
from fleet.recording.restarts import RESTART_WINDOW, restarts_in_window
from fleet.recording.snapshot import (
    LONGEST_ID,
    Moved,
    Recorded,
    StaleClaimError,
    answered,
    record,
    record_all,
    record_failure,
)

__all__ = [
    "LONGEST_ID",
    "RESTART_WINDOW",
    "Moved",
    "Recorded",
    "StaleClaimError",
    "answered",
    "endpoints_of",
    "record",
    "record_all",
    "record_failure",
    "restarts_in_window",
    "slow_and_due",
]
