"""Services and machines to lose, healthy to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fleet.inventory import NetworkFacts, NodeFacts, SwarmServiceFacts, VolumeFacts
from fleet.loss import Case, Fate, Lost, Machine, Replica, ServiceLoss, Stored, Swarm, what_if
from fleet.state import StateMember, holdings_of
from fleet.tables import Tables
from tests.builders import container, image, volume_mount

SHIPPED = Tables.shipped()


def replica(name: str = "web-1", host: str = "a", **changes: Any) -> Replica:
    """A working container with its facts; other names than a replica's own are those of the container's facts."""
    own = {key: changes.pop(key) for key in list(changes) if key in Replica.__dataclass_fields__}
    facts = container(name=name, id=name.ljust(64, "0"), size_rw=0, **changes)
    base = Replica(
        id=facts.id,
        name=name,
        host=host,
        state="running",
        health="healthy",
        network_mode=facts.network_mode,
        networks=tuple(one.network_id or one.name for one in facts.networks or ()),
        volumes=facts.volume_names,
        image_reference=facts.image_reference,
        image_id=facts.image_id,
        image_there=True,
        facts=facts,
        image=image(),
        holdings=holdings(facts, host),
    )
    return replace(base, **own)


def holdings(facts: Any, host: str, volumes: dict[str, VolumeFacts] | None = None) -> Any:
    known = volumes or {name: VolumeFacts(name=name, driver="local", options={}) for name in facts.volume_names}
    member = StateMember(facts=facts, host=host, image=image(), volumes=known, plugins=(), volume_warnings=())
    return holdings_of(member, tables=SHIPPED)


def case(*replicas: Replica, name: str = "web", **changes: Any) -> Case:
    return replace(Case(key=1, name=name, slug=name, replicas=replicas), **changes)


def machine(name: str, **changes: Any) -> Machine:
    healthy = Machine(
        name=name,
        environment="production",
        node_id="",
        architecture="x86_64",
        volume_plugins=frozenset({"local"}),
        network_plugins=frozenset({"bridge", "overlay"}),
        runtimes=frozenset({"runc"}),
        ports=frozenset(),
        images=frozenset(),
        volumes={},
        keeps={},
        networks=networks(NetworkFacts(id="n" * 64, name="app", driver="bridge")),
    )
    return replace(healthy, **changes)


def networks(*facts: NetworkFacts) -> dict[str, NetworkFacts]:
    """By id and by name."""
    return {key: one for one in facts for key in (one.id, one.name)}


def stored(*cases: Case, machines: tuple[Machine, ...] = (), swarms: tuple[Swarm, ...] = (), **changes: Any) -> Stored:
    there = machines or tuple(machine(name) for name in "abcde")
    return replace(
        Stored(
            cases=cases,
            machines={one.name: one for one in there},
            swarms={one.id: one for one in swarms},
            candidates=("d", "e"),
        ),
        **changes,
    )


def losing(*hosts: str, **changes: Any) -> Lost:
    return Lost(hosts=frozenset(hosts), **{name: frozenset(value) for name, value in changes.items()})


def answer(one: Case, lost: Lost, **changes: Any) -> ServiceLoss:
    (found,) = what_if(stored(one, **changes), lost).services
    return found


def fate(one: Case, lost: Lost, **changes: Any) -> Fate:
    return answer(one, lost, **changes).fate


# A swarm of three managers a, b, c and two workers d, e.


def node(name: str, **changes: Any) -> NodeFacts:
    manager = name in "abc"
    return replace(
        NodeFacts(
            id=f"node-{name}",
            hostname=name,
            role="manager" if manager else "worker",
            availability="active",
            state="ready",
            leader=name == "a",
            reachability="reachable" if manager else None,
        ),
        **changes,
    )


def swarm(*nodes: NodeFacts) -> Swarm:
    return Swarm(id="cluster", nodes=nodes or tuple(node(name) for name in "abcde"))


def swarm_service(**changes: Any) -> SwarmServiceFacts:
    return replace(
        SwarmServiceFacts(
            id="s" * 25,
            name="web",
            mode="replicated",
            replicas=1,
            constraints=(),
            mounts=(),
            published_ports=(),
            max_replicas_per_node=0,
            restart_condition="any",
        ),
        **changes,
    )


def tasks(*hosts: str, facts: SwarmServiceFacts | None = None, **changes: Any) -> Case:
    """A swarm service with a task on each of these hosts."""
    replicas = [replica(f"web.{n}.t", host, node_id=f"node-{host}") for n, host in enumerate(hosts, start=1)]
    told = facts or swarm_service(replicas=len(hosts))
    return case(*replicas, in_swarm=True, swarm=told, cluster="cluster", **changes)


def nodes_as_machines() -> tuple[Machine, ...]:
    return tuple(machine(name, node_id=f"node-{name}", cluster="cluster") for name in "abcde")


def in_a_swarm(one: Case, lost: Lost, *nodes: NodeFacts) -> ServiceLoss:
    return answer(one, lost, machines=nodes_as_machines(), swarms=(swarm(*nodes),))


def with_data(name: str = "db-1", host: str = "a", **changes: Any) -> Replica:
    return replica(name, host, mounts=(volume_mount(),), **changes)
