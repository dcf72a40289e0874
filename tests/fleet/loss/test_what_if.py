"""What holds of every fleet: losing more never helps, knowing less never cheers, and no order matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.inventory import Mount, VolumeFacts
from fleet.loss import Case, Fate, Lost, Machine, Replica, Stored, Swarm, what_if
from fleet.tables import Tables
from tests.fleet.loss.builders import machine, node, replica, swarm_service

HOSTS = "abcde"
ETCD = Tables.shipped().datastores.entries["etcd"]
NETWORKS = ("n" * 64, "m" * 64)
some = st.booleans()


@st.composite
def replicas(draw: st.DrawFn) -> tuple[Replica, ...]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        host = draw(st.sampled_from(HOSTS))
        driver = draw(st.sampled_from(["local", "pxd"]))
        mounts = (Mount("volume", "/data", "/x", driver, driver, writable=True),) if draw(some) else ()
        one = replica(f"r{number}", host, mounts=mounts)
        shared = draw(st.sampled_from([None, None, "container:r0"])) if number else None
        keys = () if shared else draw(st.sampled_from([(), NETWORKS[:1], NETWORKS[1:], NETWORKS]))
        found.append(
            replace(
                one,
                state=draw(st.sampled_from(["running", "running", "running", "exited", "restarting"])),
                health=draw(st.sampled_from(["healthy", "none", "unhealthy", "starting"])),
                fresh=draw(st.sampled_from([True, True, True, False])),
                expected=draw(some),
                networks=keys,
                network_mode=shared or "app",
                image_there=draw(some),
                node_id=f"node-{host}",
            )
        )
    return tuple(found)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    in_swarm = draw(some)
    facts = swarm_service(
        mode=draw(st.sampled_from(["replicated", "replicated", "global"])),
        constraints=draw(st.sampled_from([(), ("node.hostname==d",), ("node.role==worker",), ("node.labels.x==1",)])),
        mounts=draw(st.sampled_from([(), (Mount("volume", "/data", "data", "data", None, writable=True),)])),
        max_replicas_per_node=draw(st.sampled_from([0, 1])),
    )
    return Case(
        key=1,
        name="web",
        replicas=draw(replicas()),
        in_swarm=in_swarm,
        swarm=facts if in_swarm else None,
        cluster="cluster" if in_swarm else None,
        family=draw(st.sampled_from([None, None, ETCD])),
    )


@st.composite
def fleets(draw: st.DrawFn) -> Stored:
    volumes = {name: VolumeFacts(name=name, driver=name, options={}) for name in ("local", "pxd")}
    machines = {
        name: machine(name, node_id=f"node-{name}", cluster="cluster", volumes=volumes, keeps={"local": False})
        for name in HOSTS
    }
    nodes = tuple(node(name, availability=draw(st.sampled_from(["active", "active", "drain"]))) for name in HOSTS)
    return Stored(
        cases=(draw(cases()),),
        machines=machines,
        swarms={"cluster": Swarm(id="cluster", nodes=nodes)},
        candidates=("e",),
    )


@st.composite
def losses(draw: st.DrawFn) -> Lost:
    return Lost(
        hosts=draw(st.frozensets(st.sampled_from(HOSTS))),
        plugins=draw(st.frozensets(st.just("pxd"))),
        networks=draw(st.frozensets(st.sampled_from(NETWORKS))),
        registries=draw(st.frozensets(st.just("registry.internal"))),
    )


def fate_in(stored: Stored, lost: Lost) -> Fate:
    return what_if(stored, lost).services[0].fate


@settings(max_examples=150)
@given(fleets(), losses(), losses())
def test_losing_more_never_improves_a_fate(stored: Stored, one: Lost, other: Lost) -> None:
    both = Lost(
        hosts=one.hosts | other.hosts,
        plugins=one.plugins | other.plugins,
        networks=one.networks | other.networks,
        registries=one.registries | other.registries,
    )
    assert fate_in(stored, both).rank <= fate_in(stored, one).rank


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


@settings(max_examples=300)
@given(fleets(), losses(), st.sampled_from([(k, n) for k, names in LESS.items() for n in names]), st.integers(0, 9))
def test_knowing_less_never_turns_down_into_anything_better_than_unknown(
    stored: Stored, lost: Lost, fact: tuple[str, str], place: int
) -> None:
    if fact[0] == "replica" and not stored.cases[0].replicas:
        return
    before = fate_in(stored, lost)
    after = fate_in(with_less(stored, *fact, place), lost)
    if before is Fate.DOWN:
        assert after in {Fate.DOWN, Fate.UNKNOWN}
    if before is Fate.UNKNOWN:
        assert after is not Fate.SURVIVES


@given(fleets(), losses(), st.randoms())
def test_the_order_of_what_is_stored_does_not_matter(stored: Stored, lost: Lost, random: Any) -> None:
    (case,) = stored.cases
    mixed = list(case.replicas)
    random.shuffle(mixed)
    nodes = list(stored.swarms["cluster"].nodes or ())
    random.shuffle(nodes)
    names = list(stored.machines)
    random.shuffle(names)
    other = Stored(
        cases=(replace(case, replicas=tuple(mixed)),),
        machines={name: stored.machines[name] for name in names},
        swarms={"cluster": Swarm(id="cluster", nodes=tuple(nodes))},
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
