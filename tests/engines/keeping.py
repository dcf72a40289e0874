"""Where services on real engines keep their state: snapshots as the members that `state_of` is asked about."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.inventory import Snapshot
from fleet.inventory.identity import identify
from fleet.state import ServiceState, StateMember, state_of
from fleet.tables import Tables


def state_of_service(name: str, snapshots: Mapping[str, Snapshot]) -> ServiceState:
    """Of the service of that name; `snapshots` are by the name of the host. Its roles are those of its labels."""
    members = members_of(name, snapshots)
    said = {member.facts.label("loadline.role") for member in members} - {None}
    return state_of(members, tables=Tables.shipped(), roles={str(role) for role in said})


def members_of(name: str, snapshots: Mapping[str, Snapshot]) -> list[StateMember]:
    return [
        StateMember(
            facts=facts,
            host=host,
            node_id=snapshot.host.swarm.node_id if snapshot.host.swarm else None,
            image=next((one for one in snapshot.images or () if one.id == facts.image_id), None),
            volumes={one.name: one for one in snapshot.volumes or ()},
            plugins=snapshot.plugins,
            volume_warnings=snapshot.host.volume_warnings,
        )
        for host, snapshot in snapshots.items()
        for facts in snapshot.containers
        if identify(facts).service == name
    ]
