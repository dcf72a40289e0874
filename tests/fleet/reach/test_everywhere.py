"""Ranges of a whole fleet: the same questions as of one host, put once for hosts that are alike."""

from __future__ import annotations

from fleet.reach.everywhere import FEW_LEFT, ranges_of_all
from tests.fleet.reach.test_subnets import net


def test_what_meets_within_a_host_names_every_host_where_it_does() -> None:
    twice = [net("x", "10.1.0.0/16"), net("y", "10.1.2.0/24")]
    (one,) = ranges_of_all({"a": twice, "b": twice, "c": twice[:1]}).meetings
    assert (one.one, one.other, one.hosts) == ("x (bridge 10.1.0.0/16)", "y (bridge 10.1.2.0/24)", ("a", "b"))


def test_bridges_of_two_hosts_do_not_meet() -> None:
    found = ranges_of_all({host: [net(f"of-{host}", "172.18.0.0/16")] for host in "abc"})
    assert (found.hosts, found.meetings) == (3, ())


def test_a_bridge_that_hides_what_others_reach_does_whatever_it_is_called() -> None:
    wire = net("wire", "10.0.1.0/24", "macvlan")
    found = ranges_of_all(
        {"a": [wire], "b": [wire], "c": [net("mine", "10.0.0.0/16")], "d": [net("mine", "10.0.0.0/16")]}
    )
    (one,) = found.meetings
    assert (one.one, one.other, one.hosts) == ("wire (macvlan 10.0.1.0/24)", "mine (bridge 10.0.0.0/16)", ("c", "d"))
    assert one.because == "c looks for addresses of wire on its own mine."


def test_one_overlay_of_many_hosts_is_one_and_what_meets_on_most_hosts_comes_first() -> None:
    shop = net("shop", "10.0.1.0/24", "overlay")
    hides, both = net("mine", "10.0.1.0/25"), [net("x", "10.8.0.0/16"), net("y", "10.8.1.0/24")]
    found = ranges_of_all({"a": [shop, *both], "b": [shop, *both], "c": [hides]})
    assert [(one.one, len(one.hosts)) for one in found.meetings] == [
        ("x (bridge 10.8.0.0/16)", 2),
        ("shop (overlay 10.0.1.0/24)", 1),
    ]


def test_engines_with_few_ranges_left_are_named_the_fewest_first() -> None:
    many = [net(f"n{second}", f"172.{second}.0.0/16") for second in range(17, 32)]
    more = [net(f"m{third}", f"192.168.{third}.0/20") for third in range(0, 256, 16)]
    assert len(many) + len(more) == 31
    found = ranges_of_all({"full": [*many, *more], "nearly": [*many, *more[:-FEW_LEFT]], "fine": many})
    assert [(host, of.left) for host, of in found.scarce] == [("full", 0), ("nearly", FEW_LEFT)]
