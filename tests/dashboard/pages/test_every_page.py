from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from fleet.models import Container
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

PAGES = [
    "/", "/adoption/", "/services/", "/services/checkout/", "/hosts/", "/hosts/prod-01/", "/containers/", "/network/",
    "/network/map/",
    "/state/", "/trust/", "/runtime/", "/resilience/", "/hardening/", "/rules/", "/rules/privileged-container/",
    "/catalogue/", "/catalogue/unmapped/", "/catalogue/mappings/",
    "/network/doors/", "/network/reach/", "/network/reach/?to=service:checkout",
    "/what-if/", "/what-if/?host=prod-01",
    "/report/", "/holding-back/", "/trust/images/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False):
        yield


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client


@pytest.mark.alike
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_with_a_fleet(viewer: Client, path: str) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, privileged=True))
    response = viewer.get(path)
    assert response.status_code == 200
    assert b"Swept" in response.content


@pytest.mark.parametrize("path", [path for path in PAGES if not path.endswith(("checkout/", "prod-01/", "=prod-01"))])
def test_a_page_opens_with_an_empty_fleet(viewer: Client, path: str) -> None:
    assert viewer.get(path).status_code == 200


def test_a_container_page_opens(viewer: Client) -> None:
    swept(host_row(), container(privileged=True))
    response = viewer.get(f"/containers/{Container.objects.get().pk}/")
    assert b"HostConfig.Privileged = true" in response.content


@pytest.mark.alike
@pytest.mark.parametrize("path", PAGES)
def test_nobody_reads_a_page_without_signing_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
