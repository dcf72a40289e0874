from __future__ import annotations

from collections import Counter

import pytest

from fleet.simulation.faults import spread
from fleet.simulation.synthesis import synthetic

FLEET = synthetic(engines=40, containers=1)


def test_each_fault_hits_its_share() -> None:
    spoiled = spread(FLEET, {"hang": 0.1, "drip": 0.05})
    assert Counter(engine.fault for engine in spoiled.engines) == {"": 34, "hang": 4, "drip": 2}


def test_the_seed_decides_which_engines_are_hit() -> None:
    assert spread(FLEET, {"hang": 0.1}) == spread(FLEET, {"hang": 0.1})
    other = synthetic(engines=40, containers=1, seed=2)
    assert _hit(spread(other, {"hang": 0.1}).engines) != _hit(spread(FLEET, {"hang": 0.1}).engines)


def _hit(engines: object) -> list[str]:
    return [engine.name for engine in engines if engine.fault]  # type: ignore[attr-defined]


def test_cloned_machines_share_one_id_and_a_skewed_clock_runs_ahead() -> None:
    engines = spread(FLEET, {"duplicateid": 0.1, "clockskew": 0.1}).engines
    assert Counter(engine.engine_id for engine in engines)["CLONED:MACHINE"] == 4
    assert sum(1 for engine in engines if engine.clock_ahead) == 4


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"sulk": 0.1}, "no fault is called sulk; there are hang, drip"),
        ({"hang": 1.5}, "the share of hang is 1.5; it must lie between 0 and 1"),
        ({"hang": float("nan")}, "it must lie between 0 and 1"),
        ({"hang": 0.7, "drip": 0.7}, "add up to 1.4; an engine has one fault at most"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(shares: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        spread(FLEET, shares)
