"""Ways in which an engine is broken, for tests, benchmarks and the curious."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping

from fleet.simulation.plan import Engine, SimulatedFleet

KINDS: Mapping[str, str] = {
    "hang": "takes the connection and never answers",
    "drip": "sends its lists a byte a second",
    "garbage": "is a web server that is no engine",
    "reset": "resets every connection",
    "error500": "answers its lists with an internal error",
    "truncated": "stops half-way through its lists",
    "huge": "sends a list of 200 MB",
    "badutf8": "sends lists that are not UTF-8",
    "slow": "takes half a second for every answer",
    "flapping": "is gone for ten seconds of every thirty",
    "clockskew": "has a clock seven minutes ahead",
    "duplicateid": "calls itself by the same ID as every other such engine",
}
# The rest spoils lists only: such an engine answers a ping and its version, which is what makes it hard to tell.
EVERYWHERE = frozenset({"hang", "garbage", "reset", "slow", "flapping"})
_SKEW_SECONDS = 420.0


def spread(fleet: SimulatedFleet, shares: Mapping[str, float]) -> SimulatedFleet:
    """The fleet with each fault on its share of engines, the same ones on every run with the same seed.

    Raises ValueError with a sentence for an unknown fault, a share outside 0 to 1, or more than there are engines.
    """
    _check(shares)
    places = list(range(len(fleet.engines)))
    random.Random(f"{fleet.seed}/faults").shuffle(places)  # noqa: S311  (repeatable, not secret)
    engines = list(fleet.engines)
    for kind, share in shares.items():
        count = round(share * len(engines))
        taken, places = places[:count], places[count:]
        for place in taken:
            engines[place] = _spoil(engines[place], kind)
    return fleet.changed(engines)


def _check(shares: Mapping[str, float]) -> None:
    for kind, share in shares.items():
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind}; there are {', '.join(KINDS)}")
        if not 0 <= share <= 1:
            raise ValueError(f"the share of {kind} is {share:g}; it must lie between 0 and 1")
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"the shares of faults add up to {sum(shares.values()):g}; an engine has one fault at most")


def _spoil(engine: Engine, kind: str) -> Engine:
    if kind == "clockskew":
        return dataclasses.replace(engine, clock_ahead=_SKEW_SECONDS)
    if kind == "duplicateid":
        return dataclasses.replace(engine, engine_id="CLONED:MACHINE")
    return dataclasses.replace(engine, fault=kind)
