"""Images, networks and volumes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from tests.builders import DIGEST, container, image, network, volume
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _two_hosts(db: None) -> None:
    many = {
        "images": tuple(image(id=f"sha256:{n:064}") for n in range(4)),
        "networks": tuple(network(id=f"{n:064}", name=f"net-{n}") for n in range(4)),
        "volumes": tuple(volume(name=f"data-{n}") for n in range(4)),
    }
    swept(host_row("a", team="web"), container(), **many)
    swept(host_row("b", environment="test"), container(), images=(image(),), networks=(network(),), volumes=(volume(),))


def _items(client: Client, noun: str, **filters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/v1/{noun}", filters).json()["items"]
    return items


def test_an_image_has_its_digests(viewer: Client) -> None:
    (item,) = _items(viewer, "images", host="b")
    assert item["digests"] == [f"registry.internal/web@{DIGEST}"]
    assert item["answered_at"] == "2026-11-24T12:00:00Z"


def test_a_network_has_its_subnets(viewer: Client) -> None:
    (item,) = _items(viewer, "networks", host="b")
    assert (item["name"], item["driver"], item["subnets"]) == ("app", "bridge", ["172.20.0.0/16"])


def test_a_volume_has_its_driver(viewer: Client) -> None:
    (item,) = _items(viewer, "volumes", host="b")
    assert (item["name"], item["driver"], item["host"]) == ("data", "local", "b")


@pytest.mark.parametrize("noun", ["images", "networks", "volumes"])
def test_filters_narrow_together(noun: str, viewer: Client) -> None:
    assert len(_items(viewer, noun)) == 5
    assert len(_items(viewer, noun, environment="production", team="web")) == 4
    assert len(_items(viewer, noun, environment="Test")) == 1
    assert len(_items(viewer, noun, q="nonesuch")) == 0


@pytest.mark.parametrize("noun", ["images", "networks", "volumes"])
def test_the_cost_of_a_list_does_not_grow_with_it(
    noun: str, viewer: Client, django_assert_num_queries: QueryCount
) -> None:
    with django_assert_num_queries(2):
        assert len(_items(viewer, noun)) == 5
