"""What goes down, degrades or survives when hosts, a plugin, a network or a registry are lost: pure functions.

`what_if(stored, lost)` answers for every service of `stored`, and `fate_of(case, …)` for one of them.
"""

from __future__ import annotations

from fleet.loss.answer import Answer, Fate, Move, Moving, ServiceLoss, StateLost, VolumeLoss, When
from fleet.loss.fates import fate_of
from fleet.loss.stored import Case, Lost, Machine, Replica, Stored, Swarm
from fleet.loss.what_if import what_if

__all__ = [
    "Answer",
    "Case",
    "Fate",
    "Lost",
    "Machine",
    "Move",
    "Moving",
    "Replica",
    "ServiceLoss",
    "StateLost",
    "Stored",
    "Swarm",
    "VolumeLoss",
    "When",
    "fate_of",
    "what_if",
]
