"""A service's doors to the outside, worked out when it is added up, so that lists need not ask for each."""

from __future__ import annotations

from typing import Any

from fleet.assessment.members import ServiceCase
from fleet.inventory.plain import to_plain
from fleet.reach import OUTSIDE, Box, World, places, reach
from fleet.reach.summary import summed_up
from fleet.reach.world import ingress_of


def keep_doors(case: ServiceCase) -> None:
    """Of the containers that carry its verdict. They are worked out again whenever what is said of the service is, and
    so once a day at least: what changes of a host or a network alone is seen by then.
    """
    doors = summed_up(reach(_world(case), OUTSIDE, places.service(case.service.name)).ways) if case.carrying else None
    plain: dict[str, Any] = to_plain(doors) if doors else {}
    # As they are read again: another kind of sequence would be a change.
    case.service.doors = list(plain.get("doors", ()))
    case.service.doors_total = doors.total if doors else 0


def _world(case: ServiceCase) -> World:
    subject, name = case.subject, case.service.name
    around = case.material.around_doors.at({member.host for member in subject.members})
    boxes = [Box(facts=member.facts, host=member.host, service=name) for member in subject.members]
    cluster = next((ground.engine.swarm for ground in around.grounds.values() if ground.engine.swarm), None)
    ingress = ingress_of(subject.swarm, (cluster.cluster_id if cluster else None) or "") if subject.swarm else ()
    return World(grounds=around.grounds, boxes=(*boxes, *around.owners), ingress=tuple(ingress))
