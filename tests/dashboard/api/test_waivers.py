from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_there_are_none_and_the_list_says_so(viewer: Client) -> None:
    assert viewer.get("/api/v1/waivers").json() == {"items": [], "next_cursor": None}


def test_nobody_reads_them_without_a_token(client: Client) -> None:
    assert client.get("/api/v1/waivers").status_code == 401
