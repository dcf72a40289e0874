from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from dashboard.page_times import page_name, registry

pytestmark = pytest.mark.django_db


def answered(page: str) -> float:
    return registry.get_sample_value("loadline_page_seconds_count", {"page": page}) or 0


def test_every_answer_is_measured_under_the_name_of_its_page(client: Client) -> None:
    before = answered("healthz")
    client.get("/healthz")
    client.get("/healthz")
    assert answered("healthz") == before + 2


def test_strangers_cannot_make_up_names(client: Client) -> None:
    before = answered("none")
    client.get("/made-up-1/")
    client.get("/made-up-2/")
    assert answered("none") == before + 2


@pytest.mark.parametrize(
    ("path", "name"), [("/hosts/prod-01/", "host"), ("/admin/fleet/host/", "admin"), ("/favicon.ico", "unnamed")]
)
def test_a_page_is_called_as_its_address_is(path: str, name: str) -> None:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    assert page_name(request) == name
