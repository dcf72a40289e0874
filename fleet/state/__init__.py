"""Where services keep their state, and what becomes of it with a host: pure functions of stored facts.

`holdings_of(member, tables=…, roles=…)` says what one container holds, and `state_of(members, tables=…, roles=…)` what
that makes of the service. A `StateMember` is a container with what its host tells of volumes and plugins.
"""

from __future__ import annotations

from fleet.state.kinds import Form, Health, Holding, ServiceState, StateKind, StateMember, Where

__all__ = ["Form", "Health", "Holding", "ServiceState", "StateKind", "StateMember", "Where"]
