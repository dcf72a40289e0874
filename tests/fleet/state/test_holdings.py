from __future__ import annotations

import pytest

from fleet.inventory import Mount
from fleet.state import Form, Where, holdings_of
from tests.builders import bind_mount, image, volume, volume_mount
from tests.fleet.state.places import DATA, TABLES, member, only, postgres

MIB = 1024 * 1024


def test_a_read_only_mount_is_no_state() -> None:
    held = only(member(bind_mount("/srv", "/data", writable=False)))
    assert (held.where, held.counts) == (Where.NOWHERE, False)


def test_what_may_or_may_not_be_writable_is_unknown() -> None:
    held = only(member(bind_mount("/srv", "/data", writable=None)))
    assert (held.where, held.counts, held.survives) == (Where.UNKNOWN, True, None)


@pytest.mark.parametrize(("name", "labels"), [("f" * 64, None), ("data", {"com.docker.volume.anonymous": ""})])
def test_a_volume_without_a_name_of_its_own_is_anonymous(name: str, labels: dict[str, str] | None) -> None:
    held = only(member(volume_mount(name), volumes=(volume(name=name, labels=labels),)))
    assert (held.form, held.where) == (Form.ANONYMOUS, Where.THIS_HOST)
    assert "the next container does not get it" in held.reason


def test_a_cluster_volume_is_its_plugins_affair() -> None:
    mount = Mount("cluster", "/data", name="shared", driver="csi-plugin", writable=True)
    assert only(member(mount)).form is Form.CLUSTER


@pytest.mark.parametrize("kind", ["npipe", "image"])
def test_pipes_and_images_hold_nothing(kind: str) -> None:
    assert only(member(Mount(kind, "/data", source="x", writable=True))).counts is False


def test_a_kind_of_mount_that_is_new_is_unknown() -> None:
    assert only(member(Mount("novel", "/data", writable=True))).where is Where.UNKNOWN


def test_tmpfs_is_scratch() -> None:
    held = only(member(tmpfs=("/data",)))
    assert (held.form, held.where, held.counts) == (Form.TMPFS, Where.MEMORY, False)


def test_a_database_in_memory_is_state_that_goes_with_the_container() -> None:
    held = only(postgres(tmpfs=(DATA,)), DATA)
    assert (held.where, held.counts, held.survives) == (Where.MEMORY, True, False)


def test_a_database_in_a_volume_in_memory_is_the_same() -> None:
    told = volume(options={"type": "tmpfs", "device": "tmpfs"})
    held = only(postgres(volume_mount(destination=DATA), volumes=(told,)), DATA)
    assert (held.form, held.where, held.counts) == (Form.VOLUME, Where.MEMORY, True)


def test_a_database_without_a_mount_keeps_its_data_in_its_own_layer() -> None:
    held = only(postgres(), DATA)
    assert (held.form, held.where, held.survives) == (Form.LAYER, Where.THIS_HOST, False)


def test_an_owner_who_names_the_folder_is_believed() -> None:
    labels = {"loadline.data-directory": "/pg"}
    assert only(postgres(labels=labels), "/pg").form is Form.LAYER


def test_a_program_that_can_be_told_its_folder_may_keep_its_data_in_another() -> None:
    told = member(
        bind_mount("/srv/etcd", "/other", writable=False),
        image_reference="etcd:3",
        image_facts=image(tags=("etcd:3",), declared_volumes=()),
    )
    assert only(told, "/etcd-data").where is Where.UNKNOWN


def test_a_port_alone_says_that_there_are_data_and_not_where() -> None:
    told = member(image_reference="acme/thing:1", exposed_ports=("5432/tcp",))
    assert only(told, "/").where is Where.UNKNOWN


@pytest.mark.parametrize(
    ("size", "where"),
    [(None, Where.UNKNOWN), (0, Where.NOWHERE), (99 * MIB, Where.NOWHERE), (101 * MIB, Where.THIS_HOST)],
)
def test_much_in_the_writable_layer_is_state(size: int | None, where: Where) -> None:
    held = only(member(readonly_root=False, size_rw=size), "/")
    assert (held.form, held.where) == (Form.LAYER, where)


def test_the_size_is_told_in_steps() -> None:
    grown = [only(member(readonly_root=False, size_rw=size * MIB), "/") for size in (120, 140)]
    assert grown[0] == grown[1]
    assert "more than 100 MiB" in grown[0].reason


def test_a_read_only_root_has_no_layer_to_write_to() -> None:
    assert holdings_of(member(readonly_root=True, size_rw=None), tables=TABLES) == ()


@pytest.mark.parametrize(
    "untold",
    [
        {"mounts": None}, {"labels": None}, {"exposed_ports": None}, {"tmpfs": None}, {"inspected": False},
        {"image_reference": None, "image_facts": image(tags=(), digests=())},
    ],
)  # fmt: skip
def test_a_missing_fact_is_a_place_of_its_own(untold: dict[str, object]) -> None:
    mounts = untold.pop("mounts", ())
    told = member(**untold)  # type: ignore[arg-type]
    if mounts is None:
        object.__setattr__(told.facts, "mounts", None)
    assert Where.UNKNOWN in {one.where for one in holdings_of(told, tables=TABLES) if one.counts}


@pytest.mark.parametrize("told", [None, image(tags=("postgres:16",), declared_volumes=None)])
def test_where_a_datastore_keeps_its_data_is_not_known_without_its_image(told: object) -> None:
    store = postgres(volume_mount(destination=DATA), volumes=(volume(),))
    object.__setattr__(store, "image", told)
    assert only(store, "/").where is Where.UNKNOWN


@pytest.mark.parametrize("role", ["cache", "ephemeral", "test"])
def test_what_may_be_lost_does_not_count(role: str) -> None:
    held = holdings_of(postgres(), tables=TABLES, roles={role, "job"})
    assert [one.counts for one in held] == [False]
    assert f"Its role is {role}" in held[0].reason
