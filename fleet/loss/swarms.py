"""What the managers of swarms say, put together: nodes, services, and which node runs which container."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fleet.inventory import NodeFacts, SwarmFacts, SwarmServiceFacts, TaskFacts
from fleet.inventory.plain import from_plain
from fleet.loss.stored import Swarm

#: A manager: its host's name, when that answered, what it says of its swarm, and its plain services, tasks and nodes.
Manager = tuple[str, datetime | None, SwarmFacts | None, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Managers:
    """Of each swarm, by its id, what the manager says that answered last."""

    swarms: Mapping[str, Swarm] = field(default_factory=dict)
    services: Mapping[str, list[tuple[str, SwarmServiceFacts]]] = field(default_factory=dict)  # by name
    nodes_of_tasks: Mapping[str, str] = field(default_factory=dict)  # by the container's id
    cluster_of_node: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, managers: Iterable[Manager]) -> Managers:
        swarms: dict[str, Swarm] = {}
        services: defaultdict[str, list[tuple[str, SwarmServiceFacts]]] = defaultdict(list)
        tasks: dict[str, str] = {}
        nodes: dict[str, str] = {}
        answered = [(at, name, facts, told) for name, at, facts, told in managers if at and facts]
        for _, name, facts, told in sorted(answered, key=lambda one: one[:2], reverse=True):
            key = facts.cluster_id or name
            if key in swarms or "services" not in told:
                continue
            listed = told.get("nodes")
            swarm = Swarm(id=key, nodes=None if listed is None else tuple(from_plain(NodeFacts, one) for one in listed))
            swarms[key] = swarm
            nodes |= dict.fromkeys((node.id for node in swarm.nodes or ()), key)
            for plain in told.get("services") or ():
                service = from_plain(SwarmServiceFacts, plain)
                services[service.name].append((key, service))
            for plain in told.get("tasks") or ():
                task = from_plain(TaskFacts, plain)
                if task.container_id and task.node_id:
                    tasks[task.container_id] = task.node_id
        return cls(swarms, dict(services), tasks, nodes)

    def service(self, *names: str) -> tuple[str | None, SwarmServiceFacts | None]:
        """Cluster and facts of the first name that a swarm has a service of; of two swarms with it, neither."""
        for name in names:
            found = self.services.get(name, [])
            if len(found) == 1:
                return found[0]
        return None, None

    def node(self, plain: Mapping[str, Any] | None) -> dict[str, Any]:
        """`node_id` and `cluster` of a machine, by its plain facts about swarm."""
        swarm = from_plain(SwarmFacts, plain) if plain else None
        if swarm is None:
            return {"node_id": None, "cluster": None}
        if swarm.state == "inactive":
            return {"node_id": "", "cluster": None}
        return {"node_id": swarm.node_id, "cluster": self.cluster_of_node.get(swarm.node_id or "")}
