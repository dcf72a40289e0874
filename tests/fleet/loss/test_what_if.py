"""What holds of every fleet: losing more never helps, knowing less never cheers, and no order matters."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from fleet.inventory import Mount, VolumeFacts
from fleet.loss import Case, Fate, Lost, Machine, Replica, Stored, Swarm, what_if
from fleet.tables import Tables
from tests.fleet.loss.builders import machine, node, replica, swarm_service

HOSTS = "abcde"
ETCD = Tables.shipped().datastores.entries["etcd"]
NETWORKS = ("n" * 64, "m" * 64)
VOLUMES = {name: VolumeFacts(name=name, driver=name, options={}) for name in ("local", "pxd")}
MACHINES = {
    name: machine(name, node_id=f"node-{name}", cluster="cluster", volumes=VOLUMES, keeps={"local": False})
    for name in HOSTS
}
#: A dice with a seed makes a hundred fleets in the time in which hypothesis draws one.
ROLLS = range(1500)


@cache
def template(host: str, driver: str) -> Replica:
    """One of each, since making a container's facts takes longer than losing it."""
    mounts = (Mount("volume", "/data", "/x", driver, driver, writable=True),) if driver else ()
    return replica("r", host, mounts=mounts)


def replicas(dice: Random) -> tuple[Replica, ...]:
    found = []
    for number in range(dice.randint(0, 4)):
        host = dice.choice(HOSTS)
        shared = "container:r0" if number and dice.random() < 0.5 else None
        found.append(
            replace(
                template(host, dice.choice(["", "local", "pxd"])),
                id=f"r{number}",
                name=f"r{number}",
                state=dice.choice(["running", "running", "running", "exited"]),
                health=dice.choice(["healthy", "none", "unhealthy", "starting"]),
                fresh=dice.choice([True, True, True, False]),
                expected=dice.random() < 0.5,
                networks=() if shared else dice.choice([(), NETWORKS[:1], NETWORKS[1:], NETWORKS]),
                network_mode=shared or "app",
                image_there=dice.random() < 0.5,
                node_id=f"node-{host}",
            )
        )
    return tuple(found)


def cases(dice: Random) -> Case:
    in_swarm = dice.random() < 0.5
    facts = swarm_service(
        mode=dice.choice(["replicated", "replicated", "global"]),
        constraints=dice.choice([(), ("node.hostname==d",), ("node.role==worker",), ("node.labels.x==1",)]),
        mounts=dice.choice([(), (Mount("volume", "/data", "data", "data", None, writable=True),)]),
        max_replicas_per_node=dice.choice([0, 1]),
    )
    return Case(
        key=1,
        name="web",
        replicas=replicas(dice),
        in_swarm=in_swarm,
        swarm=facts if in_swarm else None,
        cluster="cluster" if in_swarm else None,
        family=dice.choice([None, None, ETCD]),
    )


def fleet(dice: Random) -> Stored:
    nodes = tuple(node(name, availability=dice.choice(["active", "active", "drain"])) for name in HOSTS)
    return Stored(
        cases=(cases(dice),),
        machines=MACHINES,
        swarms={"cluster": Swarm(id="cluster", nodes=nodes)},
        candidates=("e",),
    )


def loss(dice: Random) -> Lost:
    return Lost(
        hosts=frozenset(dice.sample(HOSTS, dice.randint(0, 3))),
        plugins=frozenset(dice.choice(((), ("pxd",)))),
        networks=frozenset(dice.choice(((), (), NETWORKS[:1], NETWORKS))),
        registries=frozenset(dice.choice(((), (), ("registry.internal",)))),
    )


def fate_in(stored: Stored, lost: Lost) -> Fate:
    return what_if(stored, lost).services[0].fate


def test_losing_more_never_improves_a_fate() -> None:
    for roll in ROLLS:
        dice = Random(roll)
        stored, one, other = fleet(dice), loss(dice), loss(dice)
        both = Lost(
            hosts=one.hosts | other.hosts,
            plugins=one.plugins | other.plugins,
            networks=one.networks | other.networks,
            registries=one.registries | other.registries,
        )
        assert fate_in(stored, both).rank <= fate_in(stored, one).rank, (roll, one, other, stored.cases)


#: What an engine may leave out, of a replica, of a service of a swarm, of a node and of a machine.
LESS: dict[str, tuple[str, ...]] = {
    "replica": ("state", "health", "networks", "network_mode", "volumes", "image_reference", "image_there", "facts"),
    "swarm": ("mode", "constraints", "mounts", "published_ports", "max_replicas_per_node"),
    "node": ("role", "availability", "state", "reachability"),
    "machine": ("node_id", "volumes", "networks", "keeps"),
    "case": ("swarm", "cluster"),
}


def with_less(stored: Stored, kind: str, name: str, place: int) -> Stored:
    """The same fleet without one fact of one thing."""
    (case,) = stored.cases
    if kind == "case":
        return replace(stored, cases=(replace(case, **{name: None}),))
    if kind == "replica":
        changed = tuple(
            replace(one, **{name: None}) if number == place % len(case.replicas) else one
            for number, one in enumerate(case.replicas)
        )
        named = any(one.image_reference for one in changed)
        return replace(stored, cases=(replace(case, replicas=changed, family_told=named),))
    if kind == "swarm":
        return replace(stored, cases=(replace(case, swarm=case.swarm and replace(case.swarm, **{name: None})),))
    if kind == "machine":
        chosen = HOSTS[place % len(HOSTS)]
        changed_machine: Machine = replace(stored.machines[chosen], **{name: None})
        return replace(stored, machines={**stored.machines, chosen: changed_machine})
    nodes: list[Any] = list(stored.swarms["cluster"].nodes or ())
    nodes[place % len(nodes)] = replace(nodes[place % len(nodes)], **{name: None})
    return replace(stored, swarms={"cluster": Swarm(id="cluster", nodes=tuple(nodes))})


FACTS = [(kind, name) for kind, names in LESS.items() for name in names]


def test_knowing_less_never_turns_down_into_anything_better_than_unknown() -> None:
    for roll in ROLLS:
        dice = Random(roll)
        stored, lost = fleet(dice), loss(dice)
        before = fate_in(stored, lost)
        for fact in FACTS:
            if fact[0] == "replica" and not stored.cases[0].replicas:
                continue
            after = fate_in(with_less(stored, *fact, dice.randrange(10)), lost)
            if before is Fate.DOWN:
                assert after in {Fate.DOWN, Fate.UNKNOWN}, (roll, fact, lost, stored.cases)
            if before is Fate.UNKNOWN:
                assert after is not Fate.SURVIVES, (roll, fact, lost, stored.cases)


def test_the_order_of_what_is_stored_does_not_matter() -> None:
    for roll in ROLLS[:1000]:
        dice = Random(roll)
        stored, lost = fleet(dice), loss(dice)
        (case,) = stored.cases
        nodes = tuple(stored.swarms["cluster"].nodes or ())
        other = Stored(
            cases=(replace(case, replicas=tuple(dice.sample(case.replicas, len(case.replicas)))),),
            machines={name: stored.machines[name] for name in dice.sample(HOSTS, len(HOSTS))},
            swarms={"cluster": Swarm(id="cluster", nodes=tuple(dice.sample(nodes, len(nodes))))},
            candidates=stored.candidates,
        )
        one, two = what_if(stored, lost), what_if(other, lost)
        assert (one.services[0].fate, one.services[0].state) == (two.services[0].fate, two.services[0].state)
        assert set(one.services[0].lost) == set(two.services[0].lost)
        assert set(one.notes) == set(two.notes)


def test_nothing_lost_changes_nothing() -> None:
    found = what_if(Stored(cases=(Case(key=1, name="web", replicas=(replica(),)),)), Lost())
    assert [one.fate for one in found.services] == [Fate.SURVIVES]
    assert (found.volumes, found.notes, bool(found.lost)) == ((), (), False)
