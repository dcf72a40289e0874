"""Simulated engines: real HTTP servers that answer as Docker engines do, for demo, tests and benchmarks.

with running(demo_company()) as hosts: ...          # a believable company of a dozen hosts
with running(synthetic(engines=3, containers=10)) as hosts: ...
with running(varied(60)) as hosts: ...             # services with all kinds of state, doors and ties
spread(synthetic(engines=40, containers=5), {"hang": 0.1, "drip": 0.05})
churning(synthetic(engines=40, containers=5), share=0.01)
"""

from __future__ import annotations

from fleet.simulation.churn import churning
from fleet.simulation.company import REGISTRIES, demo_company
from fleet.simulation.faults import KINDS, spread
from fleet.simulation.plan import PlannedHost, SimulatedFleet
from fleet.simulation.serving import (
    PortTakenError,
    Running,
    SimulatedHost,
    TooManyEnginesError,
    running,
    serve,
)
from fleet.simulation.synthesis import synthetic
from fleet.simulation.variety import varied

__all__ = [
    "KINDS",
    "REGISTRIES",
    "PlannedHost",
    "PortTakenError",
    "Running",
    "SimulatedFleet",
    "SimulatedHost",
    "TooManyEnginesError",
    "churning",
    "demo_company",
    "running",
    "serve",
    "spread",
    "synthetic",
    "varied",
]
