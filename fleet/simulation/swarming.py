"""Spreads the tasks of swarm services over the nodes, as an orchestrator does."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from fleet.simulation.identifiers import swarm_id
from fleet.simulation.plan import Node, Service, Swarm
from fleet.simulation.spec import Container, Network, Task


def place(name: str, *, nodes: tuple[Node, ...], services: tuple[Service, ...], networks: tuple[Network, ...]) -> Swarm:
    """The swarm with every task on a node: one on each for a global service, else round and round."""
    turn = itertools.cycle(nodes)
    placed: list[tuple[str, Container]] = []
    for service in services:
        allowed = [node for node in nodes if _fits(node, service)]
        where = [next(turn) for _ in range(service.replicas)] if service.replicas else list(allowed)
        for number, node in enumerate(where, start=1):
            at = node if node in allowed else allowed[number % len(allowed)]
            placed.append((at.host, _task(name, service, at, slot=number if service.replicas else 0)))
    return Swarm(name, nodes, services, networks, tuple(placed))


def _fits(node: Node, service: Service) -> bool:
    wanted = set(_wanted_hosts(service))
    return not wanted or node.host in wanted


def _wanted_hosts(service: Service) -> Iterator[str]:
    for constraint in service.constraints:
        key, _, value = constraint.partition("==")
        if key == "node.hostname":
            yield value


def _task(swarm: str, service: Service, node: Node, *, slot: int) -> Container:
    place_name = str(slot) if slot else swarm_id(swarm, "node", node.host)
    identity = swarm_id(swarm, "task", service.name, node.host, place_name)
    full = f"{service.name}.{place_name}.{identity}"
    labels = {
        **service.template.labels,
        "com.docker.swarm.node.id": swarm_id(swarm, "node", node.host),
        "com.docker.swarm.service.id": swarm_id(swarm, "service", service.name),
        "com.docker.swarm.service.name": service.name,
        "com.docker.swarm.task": "",
        "com.docker.swarm.task.id": identity,
        "com.docker.swarm.task.name": full,
    }
    # Published ports are reached through the ingress network, so every such task is on it.
    networks = ("ingress", *service.template.networks) if service.ports else service.template.networks
    task = Task(service.name, slot, identity)
    return dataclasses.replace(service.template, name=full, labels=labels, networks=networks, task=task, restart="")
