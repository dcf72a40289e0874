from __future__ import annotations

from typing import Any

from fleet.engines.reading.attachments import inspected_ports, listed_ports, mounts, networks
from fleet.inventory import Mount, PublishedPort
from tests.fleet.engines.recordings import inspect_path, recorded

DOCKER = recorded("docker-20.10")
WEB = DOCKER[inspect_path(DOCKER, "web")]


def ports(table: Any) -> tuple[PublishedPort, ...] | None:
    return inspected_ports({"NetworkSettings": {"Ports": table}}, bound=True)


def test_the_open_doors_of_a_running_container_are_sorted_and_of_both_families() -> None:
    assert inspected_ports(WEB, bound=True) == (
        PublishedPort(80, "tcp", "127.0.0.1", 18080),
        PublishedPort(443, "tcp", "0.0.0.0", 8443),
        PublishedPort(443, "tcp", "::", 8443),
    )


def test_the_doors_of_a_stopped_container_are_those_it_will_open() -> None:
    bare = DOCKER[inspect_path(DOCKER, "bare")]
    assert inspected_ports(bare, bound=False) == (PublishedPort(5432, "tcp", "", 5432, bound=False),)


def test_a_port_that_is_exposed_only_is_no_door() -> None:
    assert ports({"80/tcp": None, "443/tcp": []}) == ()


def test_podmans_empty_address_of_a_running_container_means_everywhere() -> None:
    assert ports({"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}) == (PublishedPort(80, "tcp", "0.0.0.0", 8080),)


def test_a_binding_to_any_free_port_has_no_number_yet() -> None:
    reply = {"HostConfig": {"PortBindings": {"53/udp": [{"HostIp": "", "HostPort": ""}]}}}
    assert inspected_ports(reply, bound=False) == (PublishedPort(53, "udp", "", None, bound=False),)


def test_of_a_range_the_engine_takes_the_first_that_is_free() -> None:
    reply = {"HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "1020-1030"}]}}}
    assert inspected_ports(reply, bound=False) == (PublishedPort(80, "tcp", "", 1020, bound=False),)


def test_ports_that_cannot_be_read_are_unknown_and_not_none_open() -> None:
    unreadable: list[Any] = [[], "x", None, {"http/tcp": None}, {"99999/tcp": None}, {"²/tcp": None}, {"80/tcp": "x"}]
    for table in unreadable:
        assert ports(table) is None
    assert inspected_ports({"HostConfig": None}, bound=False) is None


def test_the_list_names_published_ports_and_not_the_exposed() -> None:
    entry = {"Ports": [{"PrivatePort": 80, "Type": "tcp"}, {"PrivatePort": 53, "PublicPort": 5353, "Type": "udp"}]}
    assert listed_ports(entry, bound=True) == (PublishedPort(53, "udp", "0.0.0.0", 5353),)


def test_podmans_list_without_ports_has_none() -> None:
    assert listed_ports({"Ports": None}, bound=True) == ()


def test_mounts_are_sorted_by_destination() -> None:
    assert mounts(WEB) == (
        Mount("bind", "/etc/localtime", "/etc/localtime", writable=False, propagation="rprivate"),
        Mount(
            "volume",
            "/var/lib/data",
            "/var/lib/docker/volumes/pgdata/_data",
            name="pgdata",
            driver="local",
            writable=True,
            propagation="",
        ),
    )


def test_one_mount_without_destination_makes_all_unknown() -> None:
    assert mounts({"Mounts": [{"Type": "bind"}]}) is None


def test_networks_are_sorted_by_name_and_keep_a_static_address() -> None:
    web = networks(WEB)
    assert web is not None
    assert [(network.name, network.ip_address, network.static_address) for network in web] == [
        ("shop", "172.30.0.2", None)
    ]
    assert "www" in web[0].aliases
    task = networks(next(reply for reply in DOCKER.values() if "api.1" in str(reply) and "Config" in reply))
    assert task is not None
    assert [(network.name, network.static_address) for network in task] == [
        ("ingress", "10.0.0.5"),
        ("mesh", "10.0.1.3"),
    ]
