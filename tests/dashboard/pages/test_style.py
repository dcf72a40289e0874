from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("vera"))
    return client


def test_an_admin_sees_every_component(admin_client: Client) -> None:
    page = admin_client.get("/style/")
    assert page.status_code == 200
    for piece in (
        "hull",
        "stack thick",
        "spark",
        "cells",
        "rows",
        "filters",
        "strip",
        "error-summary",
        "pair",
        "empty",
    ):
        assert f'class="{piece}' in page.content.decode(), piece


def test_a_viewer_is_turned_away(viewer: Client) -> None:
    assert viewer.get("/style/").status_code == 403


def test_a_developer_needs_no_role(viewer: Client, settings: Settings) -> None:
    settings.DEBUG = True
    assert viewer.get("/style/").status_code == 200


def test_the_page_carries_the_strict_policy(admin_client: Client) -> None:
    policy = admin_client.get("/style/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_sorting_marks_its_column_and_keeps_the_filters(admin_client: Client) -> None:
    page = admin_client.get("/style/?sort=-containers&team=payments").content.decode()
    assert 'aria-sort="descending"' in page
    assert "?sort=containers&amp;team=payments" in page


def test_a_later_page_of_the_table_is_reached(admin_client: Client) -> None:
    assert "5–8 of 12" in admin_client.get("/style/?page=2").content.decode()
