from __future__ import annotations

import pytest

from fleet.inventory import PublishedPort, SwarmServiceFacts
from fleet.inventory.doors import address_of, binding, ingress_ports, is_loopback
from tests.builders import container, network


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.5", "192.168.1.1", "2001:db8::1", "", "localhost"])
def test_what_others_can_reach_is_not_loopback(address: str) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_loopback_is_both_families_and_the_whole_range(address: str) -> None:
    assert is_loopback(address)


def test_an_unbound_port_opens_on_every_address_unless_the_bridge_says_otherwise() -> None:
    unbound = PublishedPort(5432, "tcp", "", 5432, bound=False)
    facts = container(network_mode="default")
    bridge = network(name="bridge", options={"com.docker.network.bridge.host_binding_ipv4": "127.0.0.1"})
    assert address_of(unbound, facts, {}) == "0.0.0.0"
    assert address_of(unbound, facts, None) == "0.0.0.0"
    assert address_of(unbound, facts, {"bridge": bridge}) == "127.0.0.1"
    assert address_of(unbound, container(network_mode="app"), {"bridge": bridge}) == "0.0.0.0"


def test_an_address_that_was_asked_for_stays() -> None:
    assert address_of(PublishedPort(80, "tcp", "10.0.0.5", 80), container(), None) == "10.0.0.5"


def test_bindings_read_as_people_write_them() -> None:
    assert binding("0.0.0.0", 5432) == "0.0.0.0:5432"
    assert binding("::", 5432) == "[::]:5432"
    assert binding("0.0.0.0", None) == "0.0.0.0:any"


def test_only_swarm_ports_in_ingress_mode_are_on_every_node() -> None:
    service = SwarmServiceFacts(id="s", name="db", published_ports=("5432:5432/tcp/ingress", "80:8080/tcp/host", ""))
    assert set(ingress_ports(service)) == {5432}
    assert ingress_ports(SwarmServiceFacts(id="s", name="db")) == {}
