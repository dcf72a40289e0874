"""What a lost plugin, network or registry does to what runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fleet.inventory import NetworkAttachment, NetworkFacts, PublishedPort, VolumeFacts
from fleet.loss import Case, Fate, Lost, Replica, ServiceLoss, StateLost, Stored, When, what_if
from tests.builders import volume_mount
from tests.fleet.loss.builders import answer, case, losing, machine, replica

MESH = NetworkFacts(id="m" * 64, name="mesh", driver="overlay", scope="swarm")
APP = NetworkFacts(id="n" * 64, name="app", driver="bridge", scope="local")
WEAVE = NetworkFacts(id="w" * 64, name="cloud", driver="weave", scope="local")
MACHINES = tuple(
    machine(
        name,
        networks={one.id: one for one in (MESH, APP, WEAVE)},
        volumes={"data": VolumeFacts(name="data", driver="pxd", options={})},
    )
    for name in "abc"
)


def on(*networks: NetworkFacts, name: str = "web-1", **changes: Any) -> Replica:
    attached = tuple(NetworkAttachment(one.name, one.id) for one in networks)
    bare = replica(name, "a", **changes)
    assert bare.facts is not None
    keys = tuple(one.id for one in networks)
    return replace(bare, networks=keys, facts=replace(bare.facts, networks=attached))


def asked(one: Case, lost: Lost) -> ServiceLoss:
    return answer(one, lost, machines=MACHINES)


def test_a_lost_plugin_is_felt_at_the_next_start() -> None:
    found = asked(case(replica(mounts=(volume_mount(driver="pxd"),))), losing(plugins={"pxd"}))
    assert (found.fate, found.when) == (Fate.DOWN, When.NEXT_START)
    assert found.reasons == (
        "Its only working replica has to start again on a.",
        "web-1 on a uses volume data through pxd: it runs on, and does not start again.",
    )
    assert found.state is StateLost.UNKNOWN
    assert found.evidence[0] == "Whether the data behind the plugin are lost with it is not seen."


def test_a_managed_plugin_is_known_without_its_tag() -> None:
    found = asked(case(replica(mounts=(volume_mount(driver="pxd:latest"),))), losing(plugins={"pxd"}))
    assert found.fate is Fate.DOWN


def test_who_mounts_nothing_through_the_plugin_keeps_the_service_going() -> None:
    bare = replica("web-2", "b", mounts=())
    found = asked(case(replica(mounts=(volume_mount(driver="pxd"),)), bare), losing(plugins={"pxd"}))
    assert (found.fate, found.when) == (Fate.DEGRADED, When.NEXT_START)
    assert found.reasons[0] == "1 of 2 working replicas stays once they start again, on b."


def test_the_volumes_own_row_tells_the_driver_of_a_light_replica() -> None:
    light = replace(replica(), facts=None, volumes=("data",))
    assert asked(case(light), losing(plugins={"pxd"})).fate is Fate.DOWN
    assert asked(case(replace(light, volumes=None)), losing(plugins={"pxd"})).fate is Fate.UNKNOWN
    assert asked(case(replace(light, volumes=())), losing(plugins={"pxd"})).fate is Fate.SURVIVES


def test_a_network_plugin_is_needed_to_join_again() -> None:
    found = asked(case(on(WEAVE)), losing(plugins={"weave"}))
    assert (found.fate, found.when) == (Fate.DOWN, When.NEXT_START)


def test_a_lost_network_cuts_off_whom_it_alone_connects() -> None:
    found = asked(case(on(APP)), losing(networks={APP.id}))
    assert (found.fate, found.when) == (Fate.DOWN, When.AT_ONCE)
    assert found.reasons[-1] == "web-1 on a loses app, its only network."


def test_who_has_another_network_is_degraded() -> None:
    found = asked(case(on(APP, MESH)), losing(networks={MESH.id}))
    assert found.fate is Fate.DEGRADED
    assert found.reasons[-1] == "web-1 on a loses mesh and keeps app."


def test_a_published_port_of_an_overlays_container_stays_open() -> None:
    door = (PublishedPort(80, "tcp", "0.0.0.0", 8080),)
    assert asked(case(on(MESH, ports=door)), losing(networks={MESH.id})).fate is Fate.DEGRADED
    assert asked(case(on(MESH)), losing(networks={MESH.id})).fate is Fate.DOWN
    assert asked(case(on(APP, ports=door)), losing(networks={APP.id})).fate is Fate.DOWN


def test_who_shares_a_network_namespace_shares_its_fate() -> None:
    web = case(on(APP), name="web")
    beside = replica("sidecar-1", "a", networks=(), network_mode="container:web-1")
    shared = replace(case(beside, name="sidecar"), key=2)
    stranger = replace(case(on(MESH, name="other-1"), name="other"), key=3)
    machines = {one.name: one for one in MACHINES}
    found = what_if(Stored(cases=(web, shared, stranger), machines=machines), losing(networks={APP.id}))
    assert {one.case.name: one.fate for one in found.services} == {
        "web": Fate.DOWN,
        "sidecar": Fate.DOWN,
        "other": Fate.SURVIVES,
    }
    told = next(one for one in found.services if one.case.name == "sidecar")
    assert told.reasons[-1] == "sidecar-1 on a shares the network of web-1. web-1 on a loses app, its only network."


def test_the_network_of_a_container_nobody_read_is_a_doubt() -> None:
    beside = replica("sidecar-1", "a", networks=(), network_mode="container:" + "f" * 64)
    assert asked(case(beside), losing(networks={APP.id})).fate is Fate.UNKNOWN


def test_a_lost_registry_leaves_alone_what_has_its_image() -> None:
    found = asked(case(replica()), losing(registries={"registry.internal"}))
    assert found.fate is Fate.SURVIVES
    assert found.reasons[-1].endswith(
        "(pinned by its digest) is on a: it starts again there, and on no other host until the registry is back."
    )


def test_without_its_image_a_container_cannot_be_made_anew() -> None:
    lost = losing(registries={"registry.internal"})
    bare = replace(replica(), image_there=False)
    found = asked(case(bare), lost)
    assert (found.fate, found.when) == (Fate.DOWN, When.NEXT_START)
    assert asked(case(replace(bare, image_there=None)), lost).fate is Fate.UNKNOWN
    assert asked(case(replace(bare, image_reference="nginx:1")), lost).fate is Fate.SURVIVES
    assert asked(case(replace(bare, image_reference=None)), lost).fate is Fate.UNKNOWN


def test_losses_together_take_what_neither_takes_alone() -> None:
    first = replica(mounts=())
    second = replica("web-2", "b", mounts=(volume_mount(driver="pxd"),))
    one = case(first, second)
    assert asked(one, losing("a")).fate is Fate.DEGRADED
    assert asked(one, losing(plugins={"pxd"})).fate is Fate.DEGRADED
    assert asked(one, losing("a", plugins={"pxd"})).fate is Fate.DOWN


def test_a_mode_that_was_not_told_may_name_another_container() -> None:
    assert asked(case(replica(networks=(), network_mode="none")), losing(networks={APP.id})).fate is Fate.SURVIVES
    assert asked(case(replica(networks=(), network_mode=None)), losing(networks={APP.id})).fate is Fate.UNKNOWN
