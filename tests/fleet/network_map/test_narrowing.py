from __future__ import annotations

import pytest

from fleet.network_map import Chart, Exposure, Filters, narrowed
from tests.fleet.network_map.builders import alike, chart, moored, published

FLEET = chart(
    moored("edge", 0, doors=(published(443),)),
    moored("shop", 0, 2, host="prod-02", team="content"),
    moored("batch", 2),
    moored("debug", 2, host="prod-02", doors=(published(9000, Exposure.LOOPBACK),)),
    moored("toy", environment="test", host="test-01", team=""),
)


def names(found: Chart) -> list[str]:
    return [one.names[0].name for one in found.moorings]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (Filters(), ["edge", "shop", "batch", "debug", "toy"]),
        (Filters(environment="test"), ["toy"]),
        (Filters(environments=frozenset({"production"})), ["edge", "shop", "batch", "debug"]),
        (Filters(team="content"), ["shop"]),
        (Filters(team="-"), ["toy"]),
        (Filters(host="prod-02"), ["shop", "debug"]),
        (Filters(network="app", host="prod-01"), ["batch"]),
        (Filters(exposed=True), ["edge"]),
        (Filters(network="nowhere"), []),
    ],
)
def test_each_filter_leaves_what_it_names(filters: Filters, left: list[str]) -> None:
    assert names(narrowed(FLEET, filters)) == left


def test_with_a_service_comes_what_shares_its_networks() -> None:
    """`batch` is on a bridge of the same name, but on another host."""
    assert names(narrowed(FLEET, Filters(service="shop"))) == ["edge", "shop", "debug"]


def test_only_environments_that_something_is_left_in_stay() -> None:
    assert [place.slug for place in narrowed(FLEET, Filters(environment="test")).places] == ["test"]


def test_the_coarse_grain_is_narrowed_alike() -> None:
    coarse = chart(alike("payments", 0, services=40), alike("media", 1, services=2), fine=False)
    assert [one.services for one in narrowed(coarse, Filters(team="media")).moorings] == [2]
