"""What is kept of a service's doors."""

from __future__ import annotations

from fleet.inventory.plain import from_plain, to_plain
from fleet.reach import OUTSIDE
from fleet.reach.summary import MOST, Doors, summed_up
from tests.fleet.reach.worlds import ask, box, ground, world

EVERY = "0.0.0.0"


def test_replicas_with_the_same_door_make_one() -> None:
    boxes = [box("web", "north", host=name, service="web", published=[(EVERY, 80, 8080)]) for name in ("one", "two")]
    kept = summed_up(ask(world(*boxes, grounds=(ground("one"), ground("two"))), OUTSIDE, "web").ways)
    (door,) = kept.doors
    assert (kept.total, door.hosts, door.host, door.host_port, door.port) == (1, 2, "one", 80, 8080)
    assert from_plain(Doors, to_plain(kept)) == kept


def test_the_first_are_kept_and_all_are_counted() -> None:
    many = [(EVERY, 10000 + port, port) for port in range(1, 61)]
    kept = summed_up(ask(world(box("web", "north", published=many)), OUTSIDE, "web").ways)
    assert (kept.total, len(kept.doors)) == (60, MOST)


def test_no_door() -> None:
    assert summed_up(()) == Doors()
