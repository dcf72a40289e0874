from __future__ import annotations

from fleet.network_map import Exposure, Named, Net, Span
from fleet.network_map.chart import Place
from fleet.network_map.coarse import DOORS, NAMES, NETS, OTHERS, Tally
from fleet.network_map.lying import Lying
from tests.fleet.network_map.builders import APP, SEALED, published

PLACES = (Place(slug="production", name="Production", hosts=3),)


def lie(*nets: Net, ports: tuple[int, ...] = ()) -> Lying:
    exposure = Exposure.EVERY if ports else Exposure.NONE
    return Lying(frozenset(nets), exposure, frozenset(published(port) for port in ports))


def test_services_that_lie_alike_are_counted_together() -> None:
    tally = Tally()
    for number in range(20):
        tally.add("production", "payments", Named(f"s{number:02}"), lie(APP), containers=2)
    tally.add("production", "media", Named("m"), lie(APP), containers=1)
    found = tally.chart(PLACES)
    assert not found.fine
    assert [(one.team, one.services, one.containers) for one in found.moorings] == [
        ("media", 1, 1),
        ("payments", 20, 40),
    ]
    assert [named.name for named in found.moorings[1].names] == [f"s{number:02}" for number in range(NAMES)]


def test_it_forgets_which_swarm_a_network_is_of() -> None:
    tally = Tally()
    tally.add("production", "", Named("a"), lie(SEALED), containers=1)
    assert [net.identity for net in tally.chart(PLACES).nets] == [""]


def test_networks_with_few_services_become_others_and_no_service_is_lost() -> None:
    tally = Tally()
    for number in range(NETS + 30):
        own = Net(name=f"n{number:03}", driver="bridge", span=Span.HOST)
        for again in range(2 if number < NETS else 1):
            tally.add("production", "", Named(f"s{number}-{again}"), lie(own), containers=1)
    found = tally.chart(PLACES)
    assert len(found.nets) == NETS + 1
    others = [one for one in found.moorings if found.nets[one.nets[0]] == OTHERS]
    assert sum(one.services for one in others) == 30
    assert sum(one.services for one in found.moorings) == 2 * NETS + 30


def test_many_doors_are_told_to_be_more() -> None:
    tally = Tally()
    for number in range(DOORS + 1):
        tally.add("production", "", Named(f"s{number}"), lie(ports=(8000 + number,)), containers=1)
    one = tally.chart(PLACES).moorings[0]
    assert (len(one.doors), one.more_doors, one.services) == (DOORS, True, DOORS + 1)


def test_the_order_in_which_services_come_changes_nothing() -> None:
    some = [("b", lie(APP)), ("a", lie(APP, ports=(80,))), ("c", lie(SEALED)), ("d", lie(APP))]
    charts = []
    for order in (some, some[::-1]):
        tally = Tally()
        for name, one in order:
            tally.add("production", "", Named(name), one, containers=1)
        charts.append(tally.chart(PLACES))
    assert charts[0] == charts[1]
