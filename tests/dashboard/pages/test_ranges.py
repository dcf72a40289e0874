"""A host's subnets."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def test_a_host_has_room_on_its_networks(viewer: Client) -> None:
    swept(host_row())
    text = viewer.get("/network/ranges/prod-01/").content.decode()
    assert "Of the 31 ranges" in text
    assert "172.20.0.0/16" in text
    assert "/network/ranges/prod-01/" in viewer.get("/hosts/prod-01/").content.decode()


def test_a_host_that_is_not_there_has_none(viewer: Client) -> None:
    assert viewer.get("/network/ranges/gone/").status_code == 404
