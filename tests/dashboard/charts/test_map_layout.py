from __future__ import annotations

import dataclasses
import random

import pytest

from dashboard.charts.map_layout import drawing_of
from dashboard.charts.map_marks import SHEETS, Drawing, Sheet
from dashboard.charts.map_plan import plan_of
from fleet.network_map import Chart
from tests.dashboard.charts.fleets import random_fleet
from tests.fleet.network_map.builders import chart, moored, published

sheets = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)


def drawn(found: Chart, sheet: Sheet = SHEETS[0], by: str = "", *, everything: bool = False) -> Drawing:
    return drawing_of(plan_of(found, address=lambda **_: "#", by=by, everything=everything), sheet)


def overlaps(found: Drawing) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a hair."""
    boxes = sorted((text.box, text.text) for text in found.texts)
    bad = []
    for place, ((_, top, right, bottom), text) in enumerate(boxes):
        for (left2, top2, _, bottom2), other in boxes[place + 1 :]:
            if left2 >= right - 0.05:
                break
            if top < bottom2 - 0.05 and top2 < bottom - 0.05:
                bad.append((text, other))
    return bad


@sheets
@pytest.mark.parametrize(("services", "fine"), [(3, True), (60, True), (500, True), (900, False)])
@pytest.mark.parametrize("by", ["", "host", "team"])
def test_no_texts_overlap(sheet: Sheet, services: int, fine: bool, by: str) -> None:
    for seed in range(2):
        assert overlaps(drawn(random_fleet(services, seed=seed, fine=fine), sheet, by)) == []


def test_nor_do_they_where_every_service_is_shown() -> None:
    assert overlaps(drawn(random_fleet(500), everything=True)) == []


def test_texts_that_overlap_would_be_found() -> None:
    found = drawn(random_fleet(3))
    first = found.outside[0]
    again = dataclasses.replace(found, outside=(first, dataclasses.replace(first, x=first.x + 5)))
    assert overlaps(again) == [("OUTSIDE", "OUTSIDE")]


@sheets
def test_everything_lies_inside_its_compartment_and_on_the_sheet(sheet: Sheet) -> None:
    found = drawn(random_fleet(500), sheet)
    for one in found.compartments:
        assert one.x >= 0
        assert one.x + one.width <= sheet.width + 0.5
        assert one.y + one.height <= found.height
        for berth in one.berths:
            for chip in berth.chips:
                assert one.x < chip.x
                assert chip.x + chip.width <= one.x + one.width
                assert one.y < chip.y
                assert chip.y + chip.height < one.y + one.height
    boxes = [text.box for text in found.texts]
    assert min(left for left, *_ in boxes) >= 0
    assert max(right for _, _, right, _ in boxes) <= sheet.width


@sheets
def test_compartments_and_chips_do_not_cover_each_other(sheet: Sheet) -> None:
    found = drawn(random_fleet(120), sheet)
    holds = [(one.x, one.y, one.x + one.width, one.y + one.height) for one in found.compartments]
    chips = [
        (chip.x, chip.y, chip.x + chip.width, chip.y + chip.height)
        for one in found.compartments
        for berth in one.berths
        for chip in berth.chips
    ]
    for some in (holds, chips):
        for place, (left, top, right, bottom) in enumerate(some):
            for left2, top2, right2, bottom2 in some[place + 1 :]:
                assert not (left < right2 and left2 < right and top < bottom2 and top2 < bottom)


def test_the_same_fleet_in_another_order_is_the_same_picture() -> None:
    fleet = random_fleet(200)
    shuffled = list(fleet.moorings)
    random.Random(3).shuffle(shuffled)
    assert drawn(dataclasses.replace(fleet, moorings=tuple(shuffled))) == drawn(fleet)


def test_a_new_service_moves_nothing_beside_its_own_column() -> None:
    some = [
        moored("edge", 2, doors=(published(443),)),
        moored("a", 2),
        moored("b", 2),
        moored("far", 2, host="prod-02"),
    ]
    before, after = drawn(chart(*some)), drawn(chart(*some, moored("c", 2)))
    places = [
        {
            chip.chip.label: (chip.x, chip.y)
            for one in found.compartments
            for berth in one.berths
            for chip in berth.chips
        }
        for found in (before, after)
    ]
    assert places[1].pop("c")
    assert places[0] == places[1]


def test_a_door_stands_on_the_waterline_over_the_berth_it_leads_to() -> None:
    found = drawn(chart(moored("edge", 2, doors=(published(443),)), moored("inside", 2)))
    berth = found.compartments[0].berths[0]
    assert [(mark.text.text if mark.text else "", mark.x) for mark in berth.marks] == [("443", berth.middles[0])]
    assert berth.marks[0].text
    assert berth.marks[0].text.y < found.compartments[0].y < berth.top


def test_doors_that_there_is_no_room_for_are_counted() -> None:
    doors = tuple(published(30000 + n) for n in range(12))
    marks = drawn(chart(moored("edge", 2, doors=doors)), SHEETS[2]).compartments[0].berths[0].marks
    shown = [mark.text.text for mark in marks if mark.text]
    assert shown[-1] == f"+{12 - len(shown) + 1}"


def test_narrow_places_get_more_and_shorter_waterlines() -> None:
    fleet = random_fleet(60)
    assert len(drawn(fleet, SHEETS[2]).waterlines) > len(drawn(fleet, SHEETS[0]).waterlines)


def test_an_empty_map_is_empty() -> None:
    assert (drawn(Chart()).height, list(drawn(Chart()).texts)) == (0, [])


def test_a_whole_name_stands_rather_than_how_many_containers_it_has() -> None:
    names = {"short": 2, "a-name-as-long-as-a-chip-bears": 2}
    found = drawn(chart(*(moored(name, 2, containers=number) for name, number in names.items())), SHEETS[2])
    chips = found.compartments[0].berths[0].chips
    said = {chip.chip.label: [text.text for text in chip.texts] for chip in chips}
    assert said["short"] == ["short", "×2"]
    assert "×2" not in said["a-name-as-long-as-a-chip-bears"]
