"""What swarm starts again on other nodes, and what keeps it from that: pins, local volumes, lost managers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.inventory import Mount, NodeFacts, SwarmServiceFacts
from fleet.inventory.paths import is_engine_socket, sensitive_area
from fleet.loss.stored import Case, Lost, Replica, Stored, Swarm, Works
from fleet.loss.strikes import Blow, Struck
from fleet.loss.words import counted, listed

_CONSTRAINT: Final = re.compile(r"^\s*([\w.\-]+)\s*(==|!=)\s*(.+?)\s*$")
_HOST_PORT: Final = re.compile(r"/host$")
_MANY: Final = 10**6  # replicas that fit on a node without a limit


@dataclass(frozen=True, slots=True)
class Placed:
    """How many replicas are started elsewhere: `sure` at least and `possible` at most."""

    sure: int
    possible: int
    reasons: tuple[str, ...]


def placed(case: Case, gone: Sequence[Struck], kept: Collection[Replica], lost: Lost, stored: Stored) -> Placed:
    """What becomes of the replicas that are `gone`, given those that are `kept`. What also lost its network or its
    plugin would work nowhere else either.
    """
    swarm, cluster = case.swarm, stored.swarms.get(case.cluster or "")
    elsewhere = [one for one in gone if not one.by(Blow.CUT, Blow.NEXT)]
    number = len(elsewhere)
    certain = sum(1 for one in elsewhere if one.by(Blow.CUT, Blow.NEXT) is False and one.replica.works is Works.YES)
    if not number:
        return Placed(0, 0, ())
    if swarm is None or swarm.mode is None or cluster is None or cluster.nodes is None:
        return Placed(0, number, ("No manager of its swarm is registered, so nobody can tell what swarm would do.",))
    stop = _never(swarm, [one.replica for one in gone], lost, stored)
    if stop:
        return Placed(0, 0, (stop,))
    nodes = stored.lost_nodes(lost)
    majority, why = majority_of(cluster, nodes)
    if majority is False:
        return Placed(0, 0, (why,))
    eligible = [(node, _eligible(node, swarm, nodes)) for node in cluster.nodes]
    there = _there(kept)
    fewest, most = _limits(swarm)
    sure = sum(max(0, fewest - there[node.id]) for node, fits in eligible if fits)
    possible = sum(max(0, most - there[node.id]) for node, fits in eligible if fits is not False)
    doubts = [why] if majority is None else []
    doubts += _doubts(swarm)
    if lost.registries:
        doubts.append("Whether its image is on the other nodes already was not looked at, and it cannot be pulled.")
    if doubts or nodes is None:
        sure = 0
    found = Placed(min(certain, sure), min(number, possible), ())
    return Placed(found.sure, found.possible, (_told(swarm, eligible, found, number), *doubts))


def majority_of(cluster: Swarm, lost: frozenset[str] | None) -> tuple[bool | None, str]:
    """Whether the managers that stay are a majority, and the sentence that says so; None when that cannot be told."""
    managers = [node for node in cluster.nodes or () if node.role == "manager"]
    if not managers:
        return None, "How many managers its swarm has was not told."
    stay = [node for node in managers if node.id not in (lost or ())]
    reached = [node for node in stay if node.reachability == "reachable" or node.leader]
    perhaps = [node for node in stay if node.reachability is None and not node.leader]
    least = len(managers) // 2 + 1
    told = f"{len(reached)} of {counted(len(managers), 'manager')} of its swarm"
    if len(reached) + len(perhaps) < least:
        return False, f"{told} would stay, no majority: what runs goes on, and swarm starts nothing again."
    if lost is None or len(reached) < least:
        return None, "Whether the managers of its swarm keep a majority cannot be told."
    return True, f"{told} stay, a majority."


def _never(swarm: SwarmServiceFacts, gone: Collection[Replica], lost: Lost, stored: Stored) -> str:
    """Why swarm starts none of it anywhere else; empty when it may. Without a restart policy the engine restarts."""
    if (swarm.mode or "").startswith("global"):
        return "It runs once on each node (global), so what is gone is not started elsewhere."
    if swarm.restart_condition == "none":
        return "Its restart condition is none: swarm does not start it again."
    for mount in swarm.mounts or ():
        if lost.plugin(mount.driver):
            return f"Its volume {mount.name or mount.destination} needs {mount.driver}, which is lost, too."
        if _stays_behind(mount, gone, stored):
            what = mount.name or mount.source or "an anonymous volume"
            return (
                f"Swarm would start it on another node without its data: {what} lies on the disk of the node that is"
                " lost."
            )
    return ""


def _stays_behind(mount: Mount, gone: Collection[Replica], stored: Stored) -> bool:
    """Whether it writes to the node's own disk. A volume of the driver local may be a file system from elsewhere."""
    if mount.writable is False:
        return False
    if mount.kind == "bind":
        return not _of_every_node(mount)
    if mount.kind != "volume" or (mount.driver or "local") != "local":
        return False
    machines = [stored.machines[one.host] for one in gone if one.host in stored.machines]
    told = [(machine.keeps or {}).get(mount.name or "") for machine in machines]
    return not told or any(survives is not True for survives in told)


def _of_every_node(mount: Mount) -> bool:
    """A path that each machine has of its own: the engine's socket, the system's folders."""
    source = mount.source or ""
    return is_engine_socket(source) or sensitive_area(source, writable=mount.writable is not False) is not None


def _doubts(swarm: SwarmServiceFacts) -> list[str]:
    found = []
    if swarm.mounts is None:
        found.append("What it mounts was not told.")
    folders = [one.source or "" for one in swarm.mounts or () if one.kind == "bind" and not _of_every_node(one)]
    if folders:
        found.append(f"Whether {listed(folders)} is on the other nodes as well is not known.")
    drivers = sorted({one.driver for one in swarm.mounts or () if one.driver and one.driver != "local"})
    if drivers:
        found.append(f"Whether the other nodes have {listed(drivers)} was not looked at.")
    return found


def _eligible(node: NodeFacts, swarm: SwarmServiceFacts, lost: frozenset[str] | None) -> bool | None:
    """Whether a replica may be started there; None when that cannot be told."""
    if lost is not None and node.id in lost:
        return False
    answers: list[bool | None] = [
        None if node.state is None else node.state == "ready",
        None if node.availability is None else node.availability == "active",
        None if swarm.constraints is None else True,
        *(_meets(node, text) for text in swarm.constraints or ()),
    ]
    return False if False in answers else None if None in answers else True


def _meets(node: NodeFacts, constraint: str) -> bool | None:
    match = _CONSTRAINT.match(constraint)
    if match is None:
        return None
    name, operator, value = match.groups()
    own = {"node.id": node.id, "node.hostname": node.hostname, "node.role": node.role}.get(name)
    if own is None:  # a label or a platform, which no node tells us of
        return None
    # Swarm compares without regard to case.
    return (own.lower() == value.lower()) is (operator == "==")


def _limits(swarm: SwarmServiceFacts) -> tuple[int, int]:
    """How many replicas a node may run, at least and at most: by the limit, and by ports that only one can have."""
    ports, limit = swarm.published_ports, swarm.max_replicas_per_node
    most = min(limit or _MANY, 1 if any(_HOST_PORT.search(text) for text in ports or ()) else _MANY)
    return (1, most) if ports is None or limit is None else (most, most)


def _there(kept: Collection[Replica]) -> Counter[str]:
    """How many replicas each node runs already."""
    return Counter(one.node_id for one in kept if one.expected and one.node_id)


def _told(
    swarm: SwarmServiceFacts, eligible: Sequence[tuple[NodeFacts, bool | None]], found: Placed, number: int
) -> str:
    fit = [node.hostname or node.id for node, fits in eligible if fits is not False]
    constraints = f" by its constraints ({listed(list(swarm.constraints))})" if swarm.constraints else ""
    if not fit:
        return f"Swarm finds no other node for it{constraints}."
    where = f"on {listed(sorted(fit))}"
    if not found.possible:
        return f"Swarm finds no room {where}: no node may run another of its replicas."
    words = "starts" if found.sure == found.possible else "may start"
    return f"Swarm {words} {found.possible} of {counted(number, 'lost replica')} again {where}, within a minute or so."
