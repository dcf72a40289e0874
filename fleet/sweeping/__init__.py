"""Sweeping: claiming hosts that are due, asking their engines side by side, recording and judging what they said."""

from __future__ import annotations

from fleet.sweeping.claims import Shard, calls, claim_due, claim_hosts
from fleet.sweeping.concluding import Swept
from fleet.sweeping.keeper import KEEPER, TURN_SECONDS
from fleet.sweeping.pace import PACE
from fleet.sweeping.sweep import sweep_claimed

__all__ = [
    "KEEPER",
    "PACE",
    "TURN_SECONDS",
    "Shard",
    "Swept",
    "calls",
    "claim_due",
    "claim_hosts",
    "sweep_claimed",
]
