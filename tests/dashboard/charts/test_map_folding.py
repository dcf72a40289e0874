"""What there is no room for is counted and leads to where it is drawn; nobody is lost."""

from __future__ import annotations

import pytest

from dashboard.charts.map_folding import STEPS, folded
from dashboard.charts.map_layout import drawing_of
from dashboard.charts.map_marks import SHEETS, Sheet
from dashboard.charts.map_plan import Plan, plan_of, rows_of
from tests.dashboard.charts.fleets import random_fleet


def plan(services: int, *, everything: bool = False) -> Plan:
    def address(**filters: str) -> str:
        return "?" + "&".join(f"{name}={value}" for name, value in sorted(filters.items()))

    return plan_of(random_fleet(services), address=address, everything=everything)


@pytest.mark.parametrize(("berths", "chips"), STEPS)
def test_no_service_and_no_kind_of_door_is_lost(berths: int, chips: int) -> None:
    whole = plan(500)
    less = folded(whole, berths=berths, chips=chips)
    for before, after in zip(whole.compartments, less.compartments, strict=True):
        assert after.services == before.services
        assert {one.exposure for one in after.berths} == {one.exposure for one in before.berths}
        kinds = {one.exposure for one in before.berths}
        assert len(after.berths) <= berths + len(kinds)
        assert all(len(one.chips) <= chips for one in after.berths)
    assert sum(row.chip.containers for row in rows_of(less)) == sum(row.chip.containers for row in rows_of(whole))


def test_what_is_folded_away_leads_to_where_every_service_is_drawn() -> None:
    chips = [row.chip for row in rows_of(folded(plan(500), berths=2, chips=2))]
    assert {chip.url for chip in chips if chip.kind == "rest"} <= {
        f"?environment={name}&show=all" for name in ("production", "staging", "test")
    }


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_five_hundred_services_are_no_longer_than_a_reader_scrolls(sheet: Sheet) -> None:
    assert drawing_of(plan(500), sheet).height <= sheet.most


def test_who_asks_for_everything_gets_it() -> None:
    narrow = SHEETS[2]
    assert drawing_of(plan(500, everything=True), narrow).height > narrow.most
