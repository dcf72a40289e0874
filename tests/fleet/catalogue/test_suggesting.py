"""Services that nobody named, and what each might belong to."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.catalogue import Entry, Unmapped, change, enter, suggest, unmapped
from fleet.inventory.identity import COMPOSE_PROJECT
from fleet.models import Service
from tests.builders import NOW, container
from tests.rows import host_row, swept


def row(name: str, **changes: Any) -> Unmapped:
    told = {"container": f"{name}-1", "image": f"{name}:1", "containers": 1, "hosts": 1, "team": ""}
    return Unmapped(slug=name, name=name, source="image", **{**told, **changes})


def test_a_compose_project_is_the_best_hint() -> None:
    (found,) = suggest([row("web", project="shop")], ["web"])
    assert found.fields == {"project": "shop", "service": "shop"}


def test_an_entry_that_waits_for_its_containers_is_suggested_by_its_name() -> None:
    first, second = suggest(
        [row("checkout-api", image="acme/checkout-api:2"), row("x", container="Ledger_db_1", image="")],
        ["checkout", "ledger", "api"],
    )
    assert first.fields == {"image": "acme/checkout-api", "service": "checkout"}
    assert second.fields == {"container": "Ledger_db*", "service": "ledger"}


def test_images_of_one_folder_belong_together() -> None:
    found = suggest([row("web", image="registry.internal/shop/web:1"), row("db", image="registry.internal/shop/db:1")])
    assert {tuple(one.fields.items()) for one in found} == {
        (("image", "registry.internal/shop/*"), ("service", "shop"))
    }
    assert "2 unmapped services come from images in registry.internal/shop" in found[0].why


def test_containers_that_begin_alike_belong_together() -> None:
    found = suggest([row("api", container="billing-api-1"), row("db", container="billing-db-1", image="postgres:16")])
    assert [one.fields for one in found] == [{"container": "billing-*", "service": "billing"}] * 2


@pytest.mark.parametrize(
    ("image", "container_name", "fields"),
    [
        ("redis:7", "cache", {"image": "redis", "service": "x"}),
        ("", "lonely", {"container": "lonely", "service": "x"}),
        ("", "worker-12", {"container": "worker*", "service": "x"}),
    ],
)
def test_what_stands_alone_keeps_its_name(image: str, container_name: str, fields: dict[str, str]) -> None:
    (found,) = suggest([row("x", image=image, container=container_name)])
    assert found.fields == fields


def test_docker_s_own_images_have_no_folder_in_common() -> None:
    found = suggest([row("redis", container="a", image="redis:7"), row("postgres", container="b", image="postgres:16")])
    assert [one.service for one in found] == ["redis", "postgres"]


@pytest.mark.django_db
def test_only_what_nobody_named_is_unmapped_and_the_numbers_add_up() -> None:
    swept(
        host_row(),
        container(id="1" * 64, name="a-1", labels={COMPOSE_PROJECT: "shop"}, image_reference="registry.internal/web:1"),
        container(id="2" * 64, name="a-2", labels={}, image_reference="registry.internal/web:1"),
        container(id="3" * 64, name="said", labels={"loadline.service": "checkout"}),
        container(id="4" * 64, name="lonely", labels={}, image_reference="sha256:" + "a" * 64),
    )
    enter(Entry(name="waiting"), by="anna", now=NOW)
    found = unmapped()
    assert (found["total"], found["containers"]) == (2, 3)
    assert [(one["name"], one["containers"], one["fields"]) for one in found["rows"]] == [
        ("web", 2, {"project": "shop", "service": "shop"}),
        ("lonely", 1, {"container": "lonely", "service": "lonely"}),
    ]
    change(Service.objects.get(name="lonely"), Entry(name="lonely", tier="3"), by="anna", now=NOW)
    assert unmapped()["total"] == 1


@pytest.mark.django_db
def test_a_guess_that_a_label_confirms_later_is_one_no_more() -> None:
    swept(host_row(), container(labels={}, image_reference="registry.internal/web:1"))
    swept(host_row("prod-02"), container(id="2" * 64, labels={"loadline.service": "web"}))
    assert Service.objects.get().source == "label"
    assert unmapped()["total"] == 0


@pytest.mark.django_db
def test_however_many_there_are_it_takes_a_handful_of_queries(django_assert_max_num_queries: Any) -> None:
    swept(
        host_row(),
        *(container(id=f"{n:064x}", name=f"c{n}", labels={}, image_reference=f"acme{n}/x{n}:1") for n in range(40)),
    )
    with django_assert_max_num_queries(4):
        assert len(unmapped()["rows"]) == 40
