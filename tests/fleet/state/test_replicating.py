from __future__ import annotations

import pytest

from fleet.state import StateKind, StateMember, state_of
from tests.builders import bind_mount, image, volume, volume_mount
from tests.fleet.state.places import RING, TABLES, member, ring_member

RING_OF_THREE = tuple(ring_member(number) for number in (1, 2, 3))


def kind(*members: StateMember) -> StateKind:
    return state_of(members, tables=TABLES).kind


def why(*members: StateMember) -> str:
    return state_of(members, tables=TABLES).sentence.partition(", but ")[2]


def test_three_members_on_three_hosts_look_replicated_and_no_more_is_said() -> None:
    found = state_of(RING_OF_THREE, tables=TABLES)
    assert found.kind is StateKind.SELF_REPLICATED
    assert found.family == "Cassandra"
    assert (
        found.assumed[0] == "That Cassandra is set to keep copies of everything on other members: no engine tells that."
    )


def test_two_are_not_enough() -> None:
    assert kind(*RING_OF_THREE[:2]) is StateKind.ONE_DISK
    assert why(*RING_OF_THREE[:2]) == "2 members run on 2 hosts, and it takes 3 of each."


def test_three_on_two_hosts_are_two() -> None:
    assert (
        why(*RING_OF_THREE[:2], ring_member(3, host="prod-02")) == "3 members run on 2 hosts, and it takes 3 of each."
    )


def test_one_engine_that_is_registered_twice_is_one_host() -> None:
    twins = (ring_member(1, node="x"), ring_member(2, node="x"), ring_member(3, node="y"))
    assert kind(*twins) is StateKind.ONE_DISK


def test_a_host_that_half_of_them_run_on_takes_the_majority_with_it() -> None:
    crowded = (*RING_OF_THREE, ring_member(4, host="prod-01"))
    assert why(*crowded) == "half of its members or more run on prod-01."
    assert kind(*crowded, ring_member(5)) is StateKind.SELF_REPLICATED


def test_a_member_that_does_not_run_holds_no_copy() -> None:
    assert kind(*RING_OF_THREE[:2], ring_member(3, state="exited")) is StateKind.ONE_DISK


def test_a_member_without_a_volume_starts_empty() -> None:
    bare = ring_member(3, mounts=(), volumes=())
    assert why(*RING_OF_THREE[:2], bare) == f"cassandra-3 has no volume of its own for {RING}."


@pytest.mark.parametrize("name", ["f" * 64])
def test_nor_does_a_volume_without_a_name_carry_its_data_over(name: str) -> None:
    assert kind(*RING_OF_THREE[:2], ring_member(3, name=name)) is StateKind.ONE_DISK


def test_two_members_on_one_volume_are_one_copy() -> None:
    shared = {"mounts": (volume_mount("data", RING, driver="flocker"),), "volumes": (volume(driver="flocker"),)}
    ring = tuple(ring_member(number, **shared) for number in (1, 2, 3))
    assert kind(*ring) is StateKind.NETWORKED


def test_volumes_of_one_name_on_hosts_of_their_own_are_three() -> None:
    assert kind(*(ring_member(number, name="data") for number in (1, 2, 3))) is StateKind.SELF_REPLICATED


def test_a_member_whose_plugin_is_dead_has_no_copy() -> None:
    dead = ring_member(
        3,
        mounts=(volume_mount("ring-3", RING, driver="flocker"),),
        volumes=(volume(name="ring-3", driver="flocker"),),
        warnings=("flocker: no such file",),
    )
    assert kind(*RING_OF_THREE[:2], dead) is StateKind.ONE_DISK


def test_a_program_that_is_told_its_folder_keeps_its_data_on_the_volume_it_has() -> None:
    def etcd(number: int) -> StateMember:
        return member(
            volume_mount("data", "/var/etcd"),
            volumes=(volume(),),
            host=f"prod-{number}",
            name=f"etcd-{number}",
            image_reference="etcd:3",
            image_facts=image(tags=("etcd:3",), declared_volumes=()),
        )

    assert kind(*(etcd(number) for number in (1, 2, 3))) is StateKind.SELF_REPLICATED


def test_what_lies_beside_the_data_is_named() -> None:
    more = ring_member(
        3, mounts=(volume_mount("ring-3", RING), bind_mount("/srv/dumps", "/dumps")), volumes=(volume(name="ring-3"),)
    )
    found = state_of((*RING_OF_THREE[:2], more), tables=TABLES)
    assert found.kind is StateKind.SELF_REPLICATED
    assert "That nothing is lost with /dumps, which no other member has." in found.assumed


def test_what_else_belongs_to_the_service_is_not_replicated_by_it() -> None:
    beside = member(volume_mount(), volumes=(volume(),), name="dashboard")
    found = state_of((*RING_OF_THREE, beside), tables=TABLES)
    assert (found.kind, found.sentence) == (StateKind.ONE_DISK, "The volume data lies on prod-01 alone.")
    assert found.proven[0].startswith("Cassandra looks replicated")
    assert kind(*RING_OF_THREE, member(name="exporter")) is StateKind.SELF_REPLICATED
