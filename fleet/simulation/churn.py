"""What changes on an engine by itself, and when: decided by seed and clock alone."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fleet.simulation.plan import Churn, Engine, SimulatedFleet

#: What may happen to a container, each with its weight. A stop is followed by a start, an illness by its end.
KINDS: Final = {"replace": 4, "restart": 2, "stop": 2, "sicken": 2}


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """`at` is seconds since the simulation began, `place` which of the engine's containers, counted from 0."""

    at: float
    place: int
    kind: str


def churning(fleet: SimulatedFleet, *, share: float, seconds: float = 30.0) -> SimulatedFleet:
    """The fleet with this share of every engine's containers changing in every interval.

    Raises ValueError with a sentence for a share outside 0 to 1 or an interval that is none.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{100 * share:g} % of the containers cannot change; it must lie between 0 and 100")
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{seconds:g} seconds are no interval")
    churn = Churn(share, seconds, fleet.seed)
    return fleet.changed([dataclasses.replace(engine, churn=churn if share else None) for engine in fleet.engines])


def occasions(engine: Engine, churn: Churn) -> Iterator[Occasion]:
    """Without an end, in order of time. A share that is no whole number of containers is met on the average."""
    count = len(engine.containers)
    number = 0
    while count:
        dice = random.Random(f"{churn.seed}/{engine.name}/churn/{number}")  # noqa: S311  (repeatable, not secret)
        many = int(count * churn.share + dice.random())
        places = dice.sample(range(count), min(many, count))
        kinds = dice.choices(list(KINDS), weights=list(KINDS.values()), k=len(places))
        moments = [(number + dice.random()) * churn.seconds for _ in places]
        yield from sorted(Occasion(*one) for one in zip(moments, places, kinds, strict=True))
        number += 1
