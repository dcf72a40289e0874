"""Harbour & Sons, a made-up company that ships parcels: a dozen hosts, forty services, good ones and bad ones.

It tells a story. Production is a swarm of six well-kept hosts, most of whose services are fit to be there, and a few
show one mistake each. One old machine, legacy-01, has everything wrong that can be. Staging, test and development run
the same services with less care, and some that are not in production yet.
"""

from __future__ import annotations

import dataclasses
import random

from fleet.simulation.company.development import development_engines
from fleet.simulation.company.images import REGISTRIES
from fleet.simulation.company.legacy import legacy_engine
from fleet.simulation.company.production import production_engines
from fleet.simulation.company.staging import staging_engines
from fleet.simulation.plan import Engine, SimulatedFleet
from fleet.simulation.spec import HOUR, Container

__all__ = ["REGISTRIES", "demo_company"]


def demo_company(*, seed: int = 1) -> SimulatedFleet:
    """The whole company. The seed moves ages a little, nothing else."""
    engines = (*production_engines(), legacy_engine(), *staging_engines(), *development_engines())
    return SimulatedFleet(tuple(_aged(engine, seed) for engine in engines), seed)


def _aged(engine: Engine, seed: int) -> Engine:
    """Containers that were all started in the same second would look made up."""
    dice = random.Random(f"{seed}/{engine.name}")  # noqa: S311  (repeatable, not secret)
    return dataclasses.replace(engine, containers=tuple(_older(c, dice.random()) for c in engine.containers))


def _older(container: Container, part: float) -> Container:
    life = container.life
    if life.age < HOUR:
        return container
    return dataclasses.replace(container, life=dataclasses.replace(life, age=life.age * (1 + part / 5)))
