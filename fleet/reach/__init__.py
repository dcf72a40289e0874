"""Who can open a connection to what, by which door, and what would close it: pure functions of stored facts.

    world = World(grounds={"prod-01": Ground(name="prod-01", engine=…, networks=…)}, boxes=(Box(…), Box(…)))
    answer = reach(world, OUTSIDE, places.service("shop"))
    answer.verdict, [(way.door.kind, way.through, way.because) for way in answer.ways]

Everything said here is what the engine's own rules allow. A firewall of the host, rules of one's own in DOCKER-USER and
what stands between two hosts are in no reply of an engine.
"""

from __future__ import annotations

from fleet.reach.answers import Answer, Encrypted, Reachable, Way
from fleet.reach.asking import reach
from fleet.reach.doors import Door, DoorKind
from fleet.reach.places import OUTSIDE, Place, PlaceKind
from fleet.reach.world import Box, Ground, IngressPort, World

__all__ = [
    "OUTSIDE",
    "Answer",
    "Box",
    "Door",
    "DoorKind",
    "Encrypted",
    "Ground",
    "IngressPort",
    "Place",
    "PlaceKind",
    "Reachable",
    "Way",
    "World",
    "reach",
]
