"""The list of doors to the outside."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.inventory import PublishedPort
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


@pytest.fixture(autouse=True)
def _fleet(_soon_after: None) -> None:
    ports = tuple(PublishedPort(8000 + number, "tcp", "0.0.0.0", 80 + number) for number in range(6))
    web = container(labels={**OWNED, "loadline.service": "web"}, ports=ports)
    swept(host_row(), web, container(id="d" * 64, name="db", labels={**OWNED, "loadline.service": "db"}))


def test_services_stand_there_with_their_doors(viewer: Client) -> None:
    text = viewer.get("/network/doors/").content.decode()
    assert "<b>1</b> of 1" in text
    assert "0.0.0.0:80" in text
    assert "and 2 more" in text
    assert "/services/db/" not in text


def test_filters_narrow_them(viewer: Client) -> None:
    assert "/services/web/" not in viewer.get("/network/doors/?q=zzz").content.decode()
    assert "/services/web/" in viewer.get("/network/doors/?host=prod-01").content.decode()
    assert "/services/web/" not in viewer.get("/network/doors/?host=prod-02").content.decode()


def test_a_sheet_has_all_doors(viewer: Client) -> None:
    rows = viewer.get("/network/doors/?format=csv").content.decode()
    assert "0.0.0.0:85 to 8005/tcp on prod-01" in rows


def test_a_stage_without_containers_is_not_offered(viewer: Client) -> None:
    text = viewer.get("/network/doors/").content.decode()
    assert "?stage=production" in text
    assert "?stage=none" not in text
