from __future__ import annotations

import pytest

from dashboard.charts.map_words import doors_said, list_of, net_notes, port_of
from fleet.network_map import Door, Exposure, Net, Span
from fleet.reach import DoorKind
from tests.fleet.network_map.builders import APP, PLAIN, SEALED, published


@pytest.mark.parametrize(
    ("net", "hosts", "note"),
    [
        (SEALED, 6, "overlay, encrypted"),
        (PLAIN, 6, "overlay, not encrypted"),
        (Net(name="w", driver="weave", span=Span.CLUSTER), 6, "weave, joins hosts"),
        (APP, 1, "bridge"),
        (APP, 6, "bridge, apart on 6 hosts"),
        (Net(name="i", driver="bridge", internal=True), 1, "bridge, internal"),
        (Net(name="lan", driver="macvlan", span=Span.WIRE), 2, "macvlan, on the wire"),
        (Net(name="x", span=Span.UNKNOWN), 1, "not reported"),
        (Net(name="x", span=Span.OTHERS), 1, "several"),
    ],
)
def test_what_a_network_is(net: Net, hosts: int, note: str) -> None:
    assert net_notes(net, hosts)[0] == note


def test_with_little_room_the_driver_goes_first() -> None:
    assert net_notes(PLAIN, 2) == ("overlay, not encrypted", "not encrypted", "overlay")


def test_doors_are_told_by_what_they_let_in() -> None:
    doors = [published(443), published(53, protocol="udp"), published(9000, Exposure.LOOPBACK)]
    said = doors_said(doors, Exposure.EVERY, more=True)
    assert said == "443, 53/udp open on every address; 9000 from the host itself only; and other doors"


def test_a_door_on_one_address_tells_it() -> None:
    doors = [published(5432, Exposure.ADDRESS, address="10.0.0.5")]
    assert doors_said(doors, Exposure.ADDRESS, more=False) == "10.0.0.5:5432 open"


def test_without_a_door_the_kind_is_told() -> None:
    assert doors_said([], Exposure.NONE, more=False) == "no door"
    assert doors_said([], Exposure.UNKNOWN, more=False) == "not reported"


def test_doors_without_a_number_have_words() -> None:
    assert port_of(Door(kind=DoorKind.HOST_MODE, exposure=Exposure.HOST)) == "every port"
    assert port_of(Door(kind=DoorKind.INGRESS, exposure=Exposure.EVERY)) == "some port"
    assert port_of(Door(kind=DoorKind.PUBLISHED, exposure=Exposure.EVERY)) == "any free port"


def test_a_list_in_words() -> None:
    assert [list_of([]), list_of("a"), list_of("ab"), list_of("abc")] == ["", "a", "a and b", "a, b and c"]
