"""Where the containers of a lost host could be started, and what stops them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import Device, NetworkAttachment, NetworkFacts, PublishedPort
from fleet.loss import Move, Moving, Replica
from tests.builders import bind_mount, image, volume_mount
from tests.fleet.loss.builders import answer, case, losing, machine, networks, replica, with_data


def move(one: Replica, **machines: dict[str, Any]) -> Move:
    there = tuple(machine(name, **machines.get(name, {})) for name in "ade")
    found = answer(case(one), losing("a"), machines=there).move
    assert found is not None
    return found


def test_what_keeps_nothing_moves_to_any_other_host() -> None:
    assert move(replica()) == Move(moving=Moving.WITH_STATE, hosts=("d", "e"))


def test_what_is_lost_in_one_environment_does_not_move_to_another() -> None:
    elsewhere = {"environment": "test"}
    assert move(replica(), d=elsewhere).hosts == ("e",)
    found = move(replica(), d=elsewhere, e=elsewhere)
    assert (found.moving, found.hosts) == (Moving.UNKNOWN, ())
    assert found.stops == ("No other host of its environment answers, so there is nowhere to try.",)


def test_data_on_the_lost_disk_stay_behind() -> None:
    found = move(with_data("db-1"))
    assert (found.moving, found.hosts) == (Moving.EMPTY, ("d", "e"))
    assert found.stops == ("data stays behind: It lies in the engine's own folder on the host.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"devices": (Device("/dev/ttyUSB0", "/dev/ttyUSB0", "rwm"),)}, "uses the device /dev/ttyUSB0"),
        ({"mounts": (bind_mount("/var/run/docker.sock"),)}, "speaks to the engine it runs on"),
        ({"pid_mode": "host"}, "looks at the processes of its host"),
        ({"links": ("/db:/web/db",)}, "is linked to containers of its own host"),
        ({"network_mode": "container:abc"}, "shares the network of abc and has to move with it"),
        (
            {"networks": (NetworkAttachment("app", "n" * 64, static_address="172.20.0.9"),)},
            "has the fixed address 172.20.0.9 on app",
        ),
    ],
)
def test_what_ties_it_to_its_machine_stops_it_everywhere(change: dict[str, Any], words: str) -> None:
    one = replica()
    assert one.facts is not None
    found = move(replace(one, facts=replace(one.facts, **change)))
    assert (found.moving, found.hosts) == (Moving.NO, ())
    assert words in found.stops[0]


def test_an_address_on_the_hosts_wire_stops_it() -> None:
    wire = NetworkFacts(id="n" * 64, name="floor", driver="macvlan")
    found = move(replica(), a={"networks": {wire.id: wire}})
    assert "has an address on floor (macvlan), which belongs to its host's wire" in found.stops[0]


HAND_MADE = NetworkFacts(id="h" * 64, name="shared", driver="bridge", scope="local", labels={})


def on_it() -> Replica:
    one = replica()
    assert one.facts is not None
    return replace(one, facts=replace(one.facts, networks=(NetworkAttachment("shared", HAND_MADE.id),)))


def test_a_network_that_was_made_by_hand_has_to_be_on_the_other_host() -> None:
    home = {"networks": networks(HAND_MADE)}
    there = {"networks": networks(replace(HAND_MADE, id="i" * 64))}
    found = move(on_it(), a=home, d={"networks": {}}, e=there)
    assert (found.moving, found.hosts) == (Moving.WITH_STATE, ("e",))
    nowhere = move(on_it(), a=home, d={"networks": {}}, e={"networks": {}})
    assert nowhere.moving is Moving.NO
    assert "d has no network shared, which was made by hand: docker network create shared" in nowhere.stops[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"com.docker.compose.network": "shared"}},
        {"name": "bridge", "labels": {}},
    ],
)
def test_a_network_that_comes_by_itself_stops_nothing(changes: dict[str, Any]) -> None:
    home = {"networks": networks(replace(HAND_MADE, **changes))}
    assert move(on_it(), a=home, d={"networks": {}}).hosts == ("d", "e")


def test_of_a_network_without_its_labels_nobody_can_tell_who_made_it() -> None:
    none: dict[str, Any] = {"networks": {}}
    found = move(on_it(), a={"networks": networks(replace(HAND_MADE, labels=None))}, d=none, e=none)
    assert (found.moving, found.hosts) == (Moving.UNKNOWN, ("d", "e"))
    assert "d has no network of that name" in found.stops[0]


def test_a_network_of_a_swarm_is_only_where_the_swarm_is() -> None:
    mesh = replace(HAND_MADE, driver="overlay", scope="swarm")
    there: dict[str, Any] = {"networks": networks(mesh)}
    none: dict[str, Any] = {"networks": {}}
    assert move(on_it(), a=there, d=none, e=there).hosts == ("e",)
    stops = move(on_it(), a=there, d=none, e=none).stops
    assert "d is not in the swarm that the network shared belongs to" in stops[0]


def test_a_port_that_is_taken_leaves_the_other_host() -> None:
    door = replica(ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),))
    taken = {"ports": frozenset({("127.0.0.1", 8080, "tcp")})}
    assert move(door, d=taken).hosts == ("e",)
    both = move(door, d=taken, e=taken)
    assert both.moving is Moving.NO
    assert both.stops[:2] == ("Port 8080/tcp is taken on d.", "Port 8080/tcp is taken on e.")
    elsewhere = replica(ports=(PublishedPort(80, "tcp", "10.0.0.1", 8080),))
    assert move(elsewhere, d=taken).hosts == ("d", "e")
    assert move(replica(ports=(PublishedPort(53, "udp", "0.0.0.0", 8080),)), d=taken).hosts == ("d", "e")


def test_a_host_needs_the_plugin_the_runtime_the_processor_and_the_gpu() -> None:
    assert move(replica(mounts=(volume_mount(driver="pxd"),)), d={"volume_plugins": frozenset({"pxd"})}).hosts == ("d",)
    assert move(replica(runtime="kata"), d={"runtimes": frozenset({"kata"})}).hosts == ("d",)
    assert move(replica(), d={"architecture": "aarch64"}).hosts == ("e",)
    assert move(replica(device_requests=1), e={"runtimes": frozenset({"nvidia", "runc"})}).hosts == ("e",)


def test_of_a_plugin_that_no_host_has_used_nobody_can_tell() -> None:
    """An engine names a plugin from its first use on, and not before."""
    found = move(replica(mounts=(volume_mount(driver="pxd"),)), d={"volume_plugins": frozenset({"local"})},
                 e={"volume_plugins": frozenset({"local"}), "ports": frozenset()})  # fmt: skip
    assert (found.moving, found.hosts) == (Moving.UNKNOWN, ("d", "e"))
    assert "needs the volume plugin pxd, and d has not used one of that name" in found.stops[0]
    gone = move(replica(mounts=(volume_mount(driver="pxd"),)), d={"volume_plugins": frozenset({"pxd:latest"})})
    assert gone.hosts == ("d",)


def test_an_image_of_no_registry_has_to_be_there_already() -> None:
    built = replace(replica(), image=image(digests=()), image_reference="registry.internal/web:1.4")
    assert move(built).moving is Moving.NO
    assert move(built, e={"images": frozenset({"registry.internal/web:1.4"})}).hosts == ("e",)


def test_without_its_registry_an_image_has_to_be_there_already() -> None:
    there = tuple(machine(name) for name in "ade")
    lost = losing("a", registries={"registry.internal"})
    found = answer(case(replica()), lost, machines=there).move
    assert found is not None
    assert (found.moving, "and its registry is lost" in found.stops[0]) == (Moving.NO, True)


def test_without_facts_or_another_host_nobody_can_tell() -> None:
    assert move(replace(replica(), facts=None)).moving is Moving.UNKNOWN
    alone = answer(case(replica()), losing("a"), machines=(machine("a"),)).move
    assert alone is not None
    assert alone.moving is Moving.UNKNOWN
    assert "No other host of its environment answers" in alone.stops[0]
