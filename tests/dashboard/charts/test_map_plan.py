from __future__ import annotations

from typing import Any

import pytest

from dashboard.charts.map_plan import BERTHS, COMPARTMENTS, FEW_CHIPS, MANY_CHIPS, RAILS, Plan, plan_of, rows_of
from fleet.network_map import Chart, Exposure, Net
from tests.dashboard.charts.fleets import random_fleet
from tests.fleet.network_map.builders import alike, chart, moored, published


def plan(found: Chart, **changes: Any) -> Plan:
    return plan_of(found, address=lambda **more: "?" + "&".join(f"{k}={v}" for k, v in sorted(more.items())), **changes)


def labels(found: Plan) -> list[list[list[str]]]:
    return [[[chip.label for chip in berth.chips] for berth in one.berths] for one in found.compartments]


def test_services_that_lie_alike_share_a_berth_and_exposed_ones_come_first() -> None:
    found = plan(chart(moored("b", 2), moored("a", 2), moored("edge", 2, doors=(published(443),)), moored("mesh", 0)))
    assert labels(found) == [[["edge"], ["mesh"], ["a", "b"]]]
    assert [[found.compartments[0].rails[r].net.name for r in one.rails] for one in found.compartments[0].berths] == [
        ["app"],
        ["backplane"],
        ["app"],
    ]


def test_hosts_that_a_network_joins_are_one_compartment() -> None:
    found = plan(chart(moored("a", 0), moored("b", 0, host="prod-02"), moored("c", 2, host="prod-03")))
    assert [(one.title, one.note) for one in found.compartments] == [
        ("Production, 2 hosts", "prod-01 … prod-02"),
        ("prod-03", "Production, 1 service"),
    ]


def test_a_service_on_several_joined_hosts_is_one_chip() -> None:
    found = plan(chart(moored("a", 0, containers=2), moored("a", 0, host="prod-02", containers=3)))
    chip = found.compartments[0].berths[0].chips[0]
    assert (chip.containers, chip.hosts, chip.count, chip.url) == (5, 2, "×5", "/services/a/")


def test_many_hosts_are_told_by_environment_unless_somebody_asks() -> None:
    many = chart(*(moored(f"s{n}", 2, host=f"prod-{n:02}") for n in range(12)))
    assert [one.title for one in plan(many).compartments] == ["Production"]
    assert plan(many).by == "environment"
    assert len(plan(many, by="host").compartments) == 12
    assert [one.title for one in plan(many, by="team").compartments] == ["payments"]


def test_the_coarse_grain_knows_no_hosts() -> None:
    assert plan(chart(alike("media", 0, services=9), fine=False), by="host").by == "environment"


def test_too_many_services_become_their_teams_and_lead_there() -> None:
    many = [moored(f"s{n:03}", 2, team="media" if n % 2 else "data") for n in range(MANY_CHIPS + 1)]
    chips = plan(chart(*many)).compartments[0].berths[0].chips
    assert [(chip.label, chip.count, chip.url) for chip in chips] == [
        ("data", "9", "?host=prod-01&network=app&team=data"),
        ("media", "8", "?host=prod-01&network=app&team=media"),
    ]


def test_of_one_team_with_too_many_services_the_rest_is_counted() -> None:
    chips = plan(chart(*(moored(f"s{n:03}", 2) for n in range(200)))).compartments[0].berths[0].chips
    assert len(chips) == FEW_CHIPS
    assert chips[-1].label == f"+{200 - FEW_CHIPS + 1} services"
    assert chips[-1].url == "?host=prod-01&network=app&show=all"


def test_every_service_is_shown_to_who_asks() -> None:
    chips = plan(chart(*(moored(f"s{n:03}", 2) for n in range(100))), everything=True).compartments[0].berths[0].chips
    assert [chip.kind for chip in chips] == ["service"] * 100


def test_networks_with_few_services_are_drawn_as_one() -> None:
    nets = tuple(Net(name=f"n{n:02}", driver="bridge") for n in range(RAILS + 3))
    found = plan(chart(*(moored(f"s{n}", n) for n in range(RAILS + 3)), nets=nets)).compartments[0]
    assert len(found.rails) == RAILS
    assert (found.rails[-1].net.name, found.berths[-1].services) == ("other networks", 4)


def test_hosts_that_do_not_answer_are_named_as_such() -> None:
    fine = chart(moored("a", 0), moored("b", 0, host="prod-02"), moored("c", 2, host="prod-03"))
    found = plan(fine, silent={"prod-02", "prod-03"})
    assert [one.silent for one in found.compartments] == ["1 without answer", "no answer"]
    coarse = chart(alike("media", 0, services=9), fine=False)
    assert plan(coarse, silent_in={"production": 2}).compartments[0].silent == "2 without answer"


@pytest.mark.parametrize(("services", "fine"), [(3, True), (60, True), (500, True), (900, False)])
@pytest.mark.parametrize("by", ["", "host", "environment", "team"])
def test_no_service_is_lost_and_the_map_stays_small(services: int, fine: bool, by: str) -> None:
    fleet = random_fleet(services, fine=fine)
    found = plan(fleet, by=by)
    assert len(found.compartments) <= COMPARTMENTS
    for one in found.compartments:
        assert len(one.rails) <= RAILS
        assert len(one.berths) <= BERTHS + len(Exposure)
        assert all(len(berth.chips) <= MANY_CHIPS for berth in one.berths)
    if found.by == "environment":
        expected = {(one.environment, one.names[0]) if fine else id(one): one.services for one in fleet.moorings}
        assert sum(one.services for one in found.compartments) == sum(expected.values())
        assert sum(row.chip.services for row in rows_of(found)) == sum(expected.values())
    if not found.left:
        assert sum(row.chip.containers for row in rows_of(found)) == sum(one.containers for one in fleet.moorings)
