from __future__ import annotations

import itertools
from collections import Counter

import pytest

from fleet.simulation.churn import KINDS, Occasion, churning, occasions
from fleet.simulation.synthesis import synthetic

FLEET = churning(synthetic(engines=3, containers=100), share=0.01)


def until(seconds: float, *, engine: int = 0, share: float = 0.01, fleet_seed: int = 1) -> list[Occasion]:
    fleet = churning(synthetic(engines=3, containers=100, seed=fleet_seed), share=share)
    chosen = fleet.engines[engine]
    assert chosen.churn is not None
    return list(itertools.takewhile(lambda one: one.at < seconds, occasions(chosen, chosen.churn)))


def test_one_per_cent_of_a_hundred_containers_is_one_an_interval() -> None:
    found = until(30 * 40)
    assert len(found) == 40
    assert [int(one.at // 30) for one in found] == list(range(40))


def test_a_part_of_a_container_is_met_on_the_average() -> None:
    assert 60 <= len(until(30 * 400, share=0.002)) <= 100


def test_every_kind_comes_and_places_differ() -> None:
    found = until(30 * 200)
    assert set(Counter(one.kind for one in found)) == set(KINDS)
    assert len({one.place for one in found}) > 70


def test_seed_and_engine_alone_decide() -> None:
    assert until(900) == until(900)
    assert until(900) != until(900, engine=1)
    assert until(900) != until(900, fleet_seed=2)


def test_without_a_share_there_is_no_churn() -> None:
    assert [engine.churn for engine in churning(FLEET, share=0).engines] == [None] * 3


@pytest.mark.parametrize(
    ("share", "seconds", "said"),
    [
        (1.01, 30.0, "101 % of the containers cannot change"),
        (float("nan"), 30.0, "nan % of the containers cannot change"),
        (0.1, 0.0, "0 seconds are no interval"),
        (0.1, float("inf"), "inf seconds are no interval"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(share: float, seconds: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        churning(FLEET, share=share, seconds=seconds)
