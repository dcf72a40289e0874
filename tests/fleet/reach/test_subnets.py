"""Ranges that overlap, and ranges that run out."""

from __future__ import annotations

from fleet.inventory import NetworkFacts, Subnet
from fleet.reach.subnets import overlaps, placed, pools, rooms
from tests.builders import network


def net(name: str, cidr: str, driver: str = "bridge", **changes: object) -> NetworkFacts:
    return network(id=f"id-{name}-{cidr}", name=name, driver=driver, subnets=(Subnet(cidr),), options={}, **changes)


def test_bridges_of_two_hosts_share_ranges_and_nobody_is_harmed() -> None:
    (one,) = overlaps([*placed("a", [net("x", "172.18.0.0/16")]), *placed("b", [net("y", "172.18.0.0/16")])])
    assert not one.matters
    assert "VPN" in one.because


def test_on_one_host_it_matters() -> None:
    (one,) = overlaps(placed("a", [net("x", "10.1.0.0/16"), net("lan", "10.1.2.0/24", "macvlan")]))
    assert (one.matters, one.one.network, one.other.network) == (True, "x", "lan")


def test_a_bridge_that_hides_a_network_of_others_matters() -> None:
    ranges = [*placed("a", [net("shop", "10.0.1.0/24", "overlay")]), *placed("b", [net("mine", "10.0.0.0/16")])]
    (one,) = overlaps(ranges)
    assert one.matters
    assert one.because == "b looks for addresses of shop on its own mine."


def test_one_overlay_seen_from_two_hosts_is_one() -> None:
    shop = net("shop", "10.0.1.0/24", "overlay")
    assert overlaps([*placed("a", [shop]), *placed("b", [shop])]) == []


def test_what_is_no_range_is_left_out_and_kinds_do_not_mix() -> None:
    ranges = placed("a", [net("x", "nonsense"), net("y", "::/0"), net("z", "0.0.0.0/0")])
    assert [one.network for one in ranges] == ["y", "z"]
    assert overlaps(ranges) == []


def test_an_engine_begins_with_31_ranges() -> None:
    found = pools([net("bridge", "172.17.0.0/16"), net("a", "192.168.16.0/20"), net("own", "10.9.0.0/24")])
    assert (found.total, found.taken, found.left, found.others) == (31, 2, 29, 1)


def test_room_on_a_network() -> None:
    small, large = net("small", "10.0.0.0/28"), net("large", "10.1.0.0/16")
    first, second = rooms([large, small, net("wire", "10.2.0.0/28", "macvlan")], {small.id: 11, large.id: 11})
    assert (first.network, first.usable, first.left, first.nearly_full) == ("small", 13, 2, True)
    assert (second.network, second.left, second.nearly_full) == ("large", 65533 - 11, False)
    (tiny,) = rooms([net("tiny", "10.0.0.0/31")], {})
    assert (tiny.usable, tiny.left, tiny.nearly_full) == (0, 0, True)
