"""What one change would close."""

from __future__ import annotations

from fleet.reach import OUTSIDE, World, places
from fleet.reach.closing import Change, LeaveDefaultBridge, MakeInternal, SilenceInside, Unpublish, changes_for, closes
from tests.fleet.reach.worlds import box, world

EVERY = "0.0.0.0"
HOST = places.host("one")


def lost(there: World, change: Change, *names: str) -> list[tuple[str, str]]:
    ends = [places.service(name) for name in names]
    pairs = [(a, b) for a in (OUTSIDE, HOST, *ends) for b in ends if a != b]
    (closed,) = closes(there, [change], pairs)
    return sorted((source.name or source.kind.value, target.name) for source, target in closed.lost)


def test_unpublishing_closes_the_outside_and_other_bridges_and_leaves_neighbours() -> None:
    there = world(box("web", "north"), box("api", "south"), box("db", "south", published=[(EVERY, 15432, 5432)]))
    assert lost(there, Unpublish("db", 5432), "web", "api", "db") == [("outside", "db"), ("web", "db")]
    assert lost(there, Unpublish("db", 80), "web", "api", "db") == []


def test_traffic_inside_may_be_switched_off() -> None:
    there = world(box("web", "north"), box("db", "north"))
    assert lost(there, SilenceInside("one", "north"), "web", "db") == [("db", "web"), ("web", "db")]


def test_an_internal_network_publishes_nothing() -> None:
    there = world(box("web", "north"), box("db", "south", published=[(EVERY, 15432, 5432)]))
    assert lost(there, MakeInternal("one", "south"), "web", "db") == [("outside", "db"), ("web", "db")]


def test_who_leaves_the_default_bridge_is_alone() -> None:
    there = world(box("web", "bridge"), box("db", "bridge"))
    assert lost(there, LeaveDefaultBridge("db"), "web", "db") == [("db", "web"), ("web", "db")]


def test_a_door_of_several_makes_it_narrower() -> None:
    there = world(box("api", "south"), box("db", "south", published=[(EVERY, 15432, 5432)]))
    (closed,) = closes(there, [Unpublish("db", 5432)], [(places.service("api"), places.service("db"))])
    assert (len(closed.lost), len(closed.narrower), closed.ways) == (0, 1, 1)


def test_the_changes_that_there_are_to_try() -> None:
    there = world(box("web", "bridge"), box("db", "south", "plain", published=[(EVERY, 15432, 5432)]))
    assert changes_for(there.boxes, there) == [
        LeaveDefaultBridge("web"),
        SilenceInside("one", "bridge"),
        Unpublish("db", 5432),
        MakeInternal("one", "south"),
        SilenceInside("one", "south"),
    ]


def test_what_closes_most_comes_first() -> None:
    there = world(box("web", "north"), box("db", "south", published=[(EVERY, 15432, 5432)]))
    pairs = [(one, places.service("db")) for one in (OUTSIDE, HOST, places.service("web"))]
    first, *_ = closes(there, [SilenceInside("one", "south"), Unpublish("db", 5432)], pairs)
    assert first.change == Unpublish("db", 5432)
