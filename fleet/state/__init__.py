"""Where services keep their state, and what becomes of it with a host: pure functions of stored facts.

`holdings_of` says what one container holds, `state_of` what that makes of its service. A `StateMember` is a container
with what its host tells of volumes and plugins.
"""

from __future__ import annotations

from fleet.state.holdings import holdings_of
from fleet.state.kinds import Form, Health, Holding, ServiceState, StateKind, StateMember, Where
from fleet.state.service import state_of

__all__ = [
    "Form",
    "Health",
    "Holding",
    "ServiceState",
    "StateKind",
    "StateMember",
    "Where",
    "holdings_of",
    "state_of",
]
