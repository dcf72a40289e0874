from __future__ import annotations

from fleet.readiness.policy import DATASTORE_PORTS, Policy


def test_nothing_is_decided_to_begin_with() -> None:
    policy = Policy()
    assert policy.allowed_registries == ()
    assert policy.severities == {}


def test_a_changed_list_of_ports_does_not_change_the_next_policy() -> None:
    ports = Policy().datastore_ports
    assert isinstance(ports, dict)
    ports.clear()
    assert Policy().datastore_ports == DATASTORE_PORTS


def test_every_port_is_one_and_says_what_listens_there() -> None:
    assert all(0 < port < 65536 and name for port, name in DATASTORE_PORTS.items())
