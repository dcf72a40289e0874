from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import KeptNeighbour, NetworkAttachment
from fleet.network_map import Door, Exposure, Net, Span
from fleet.network_map.lying import UNTOLD, Ground, Lying, ingress_doors, lying, net_of, shares_with
from fleet.reach import DoorKind
from tests.builders import container, network
from tests.fleet.network_map.builders import published


def lies(*ports: dict[str, Any], ground: Ground | None = None, **changes: Any) -> Lying:
    around = ground or Ground()
    if ground is None:
        around.learn(network())
    ingress = {("c1", "shop"): (Door(kind=DoorKind.INGRESS, exposure=Exposure.EVERY, port=443),)}
    return lying(KeptNeighbour.of(container(**changes)), ports, around, ingress=ingress)


def port(number: int | None, address: str, **changes: Any) -> dict[str, Any]:
    return {"container_port": 80, "protocol": "tcp", "host_ip": address, "host_port": number, **changes}


def test_without_ports_there_is_no_door() -> None:
    assert lies() == Lying(frozenset({Net(name="app", driver="bridge")}), Exposure.NONE, frozenset())


def test_both_families_of_one_port_are_one_door() -> None:
    assert lies(port(443, "0.0.0.0"), port(443, "::")).doors == {published(443)}


@pytest.mark.parametrize(
    ("address", "exposure"),
    [
        ("", Exposure.EVERY),
        ("0.0.0.0", Exposure.EVERY),
        ("10.0.0.5", Exposure.ADDRESS),
        ("127.0.0.1", Exposure.LOOPBACK),
    ],
)
def test_the_address_says_who_can_use_a_door(address: str, exposure: Exposure) -> None:
    assert lies(port(443, address)).exposure is exposure


def test_without_an_address_a_port_opens_where_the_bridge_says() -> None:
    ground = Ground()
    ground.learn(network(options={"com.docker.network.bridge.host_binding_ipv4": "127.0.0.1"}))
    assert lies(port(443, ""), ground=ground).exposure is Exposure.LOOPBACK


def test_the_widest_door_counts() -> None:
    assert lies(port(9000, "127.0.0.1"), port(443, "0.0.0.0")).exposure is Exposure.EVERY


def test_a_port_that_only_was_exposed_is_no_door() -> None:
    assert lies(port(None, "", bound=False)).exposure is Exposure.NONE


def test_one_in_host_mode_is_on_no_network_and_has_every_door() -> None:
    found = lies(network_mode="host", networks=(NetworkAttachment("host", "h"),))
    assert (found.nets, found.exposure) == (frozenset(), Exposure.HOST)


def test_one_without_network_has_neither() -> None:
    found = lies(network_mode="none", networks=(NetworkAttachment("none", "n"),))
    assert (found.nets, found.exposure) == (frozenset(), Exposure.NONE)


def test_networks_that_were_not_told_are_unknown_and_not_none() -> None:
    assert lies(networks=None) == UNTOLD


def test_a_network_that_nobody_told_of_keeps_its_name() -> None:
    found = lies(networks=(NetworkAttachment("gone", "g" * 64),))
    assert found.nets == {Net(name="gone", span=Span.UNKNOWN)}


def test_an_address_on_the_wire_is_a_door() -> None:
    ground = Ground()
    ground.learn(network(driver="macvlan"))
    assert lies(ground=ground).exposure is Exposure.DIRECT


def test_swarm_s_doors_are_those_its_manager_tells() -> None:
    attached = (NetworkAttachment("ingress", "i"),)
    labels = {"com.docker.swarm.task.name": "shop.1.abc"}
    found = lies(ground=Ground(cluster="c1"), networks=attached, labels=labels)
    assert (found.nets, [door.port for door in found.doors]) == (frozenset(), [443])


def test_without_its_manager_swarm_opens_some_door() -> None:
    found = lies(ground=Ground(cluster="c2"), networks=(NetworkAttachment("ingress", "i"),), labels={})
    assert [(door.kind, door.port) for door in found.doors] == [(DoorKind.INGRESS, None)]


def test_only_the_mesh_opens_doors_on_every_node() -> None:
    assert [door.port for door in ingress_doors(["443:8443/tcp/ingress", "9000:9000/tcp/host", ":53/udp/ingress"])] == [
        443,
        None,
    ]


@pytest.mark.parametrize(("options", "encrypted"), [({"encrypted": ""}, True), ({}, False), (None, None)])
def test_an_overlay_encrypts_where_it_was_told_to(options: dict[str, str] | None, encrypted: bool | None) -> None:
    net = net_of(network(driver="overlay", scope="swarm", options=options))
    assert (net.span, net.encrypted, net.identity) == (Span.CLUSTER, encrypted, "n" * 64)


def test_what_a_plugin_does_between_hosts_is_not_known() -> None:
    net = net_of(network(driver="weavemesh", scope="swarm", options={"encrypted": "true"}))
    assert (net.span, net.encrypted) == (Span.CLUSTER, None)


def test_whose_network_another_is_in() -> None:
    assert shares_with(KeptNeighbour.of(container(network_mode="container:abc"))) == "abc"
    assert shares_with(KeptNeighbour.of(container(network_mode="app"))) == ""
