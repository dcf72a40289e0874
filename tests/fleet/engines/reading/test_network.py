from __future__ import annotations

from fleet.engines.reading import network
from fleet.inventory import Subnet
from tests.fleet.engines.recordings import recorded

ENTRIES = {entry["Name"]: entry for entry in recorded("docker-20.10")["/networks"]}


def test_an_encrypted_overlay_keeps_its_empty_option() -> None:
    facts = network.from_entry(ENTRIES["mesh"])
    assert facts is not None
    assert (facts.driver, facts.scope, facts.ingress, facts.internal) == ("overlay", "swarm", False, False)
    assert (facts.options or {})["encrypted"] == ""
    assert facts.subnets == (Subnet("10.0.1.0/24", "10.0.1.1"),)


def test_the_default_bridge_is_known_by_its_option() -> None:
    bridge, shop = (network.from_entry(ENTRIES[name]) for name in ("bridge", "shop"))
    assert bridge is not None
    assert bridge.default_bridge
    assert shop is not None
    assert not shop.default_bridge


def test_a_network_without_a_name_is_no_network() -> None:
    assert network.from_entry({"Id": "x"}) is None
    assert network.from_entry({"Name": "x", "Id": ""}) is None


def test_a_secret_in_an_option_is_dropped() -> None:
    facts = network.from_entry(
        {"Id": "x", "Name": "x", "Options": {"password": "hunter2"}, "Labels": {"token": "hunter2"}}
    )
    assert "hunter2" not in repr(facts)
