from __future__ import annotations

import pytest

from fleet.inventory import ContainerFacts
from fleet.tables.keeping import datastore_of, image_name_of
from tests.builders import container, image


def postgres(**changes: object) -> ContainerFacts:
    return container(**{"image_reference": "postgres:16", "exposed_ports": ("5432/tcp",), **changes})


def test_an_ordinary_container_is_no_datastore() -> None:
    assert datastore_of(container(), image()) is None


def test_the_owners_label_wins() -> None:
    store = datastore_of(postgres(labels={"loadline.data-directory": "/a, /b"}), image(declared_volumes=("/c",)))
    assert store is not None
    assert (store.directories, store.told_by) == (("/a", "/b"), "label")


def test_declared_volumes_come_before_the_table() -> None:
    store = datastore_of(postgres(), image(declared_volumes=("/var/lib/postgresql", "/unrelated")))
    assert store is not None
    assert (store.directories, store.told_by) == (("/var/lib/postgresql",), "image")


def test_declared_volumes_in_other_places_are_believed() -> None:
    store = datastore_of(postgres(), image(declared_volumes=("/bitnami/postgresql",)))
    assert store is not None
    assert store.directories == ("/bitnami/postgresql",)


def test_a_volume_added_at_run_does_not_hide_the_usual_directory() -> None:
    facts = container(image_reference="opensearch:2", declared_volumes=("/extra",))
    store = datastore_of(facts, image(declared_volumes=()))
    assert store is not None
    assert (store.directories, store.movable) == (("/usr/share/opensearch/data",), False)


def test_without_the_image_a_volume_elsewhere_leaves_doubt() -> None:
    store = datastore_of(container(image_reference="opensearch:2", declared_volumes=("/extra",)), None)
    assert store is not None
    assert store.movable


def test_a_renamed_image_is_betrayed_by_its_port() -> None:
    store = datastore_of(postgres(image_reference="acme/orders-db:3"), image(declared_volumes=()))
    assert store is not None
    assert (store.name, store.directories, store.told_by) == ("PostgreSQL", (), "port")


def test_a_renamed_image_still_declares_its_volumes() -> None:
    store = datastore_of(
        postgres(image_reference="acme/orders-db:3"), image(declared_volumes=("/var/lib/postgresql/data",))
    )
    assert store is not None
    assert store.directories == ("/var/lib/postgresql/data",)


@pytest.mark.parametrize("name", ["edoburu/pgbouncer", "haproxy:3"])
def test_a_proxy_in_front_of_a_datastore_keeps_nothing(name: str) -> None:
    assert datastore_of(postgres(image_reference=name), image()) is None


def test_a_container_started_from_an_id_is_known_by_its_images_tags() -> None:
    facts = postgres(image_reference="sha256:" + "a" * 64, exposed_ports=())
    name = image_name_of(facts, image(tags=("mysql:8",)))
    assert name is not None
    assert name.basename == "mysql"
    assert image_name_of(facts, None) is None
