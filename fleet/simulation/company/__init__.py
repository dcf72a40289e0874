"""x"""

from __future__ import annotations

from fleet.simulation.plan import SimulatedFleet


def demo_company(*, seed: int = 1) -> SimulatedFleet:
    return SimulatedFleet((), seed)
