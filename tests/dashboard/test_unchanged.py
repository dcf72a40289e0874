from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from fleet.counting import count_all
from fleet.models import Preferences
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_fleet", "kept_counts")]
REFRESH = {"X-Loadline-Refresh": "1"}


@pytest.fixture
def _fleet(db: None) -> None:
    swept(host_row(), container())
    count_all(NOW)


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client


def again(viewer: Client, tag: str, *, seconds: int = 10, path: str = "/", **headers: str) -> int:
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        return viewer.get(path, headers={"If-None-Match": tag, **headers}).status_code


@pytest.fixture
def tag(viewer: Client) -> str:
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        response = viewer.get("/")
    assert response["Cache-Control"] == "private, no-cache"
    return response["ETag"]


def test_the_refresh_of_a_page_on_which_nothing_changed_is_not_drawn(viewer: Client, tag: str) -> None:
    assert again(viewer, tag, **REFRESH) == 304


def test_whoever_reads_without_scripts_gets_ages_of_now(viewer: Client, tag: str) -> None:
    assert again(viewer, tag) == 200


def test_a_new_count_is_drawn(viewer: Client, tag: str) -> None:
    count_all(NOW + timedelta(seconds=8))
    assert again(viewer, tag, **REFRESH) == 200


def test_a_sweep_is_drawn_even_before_it_was_counted(viewer: Client, tag: str) -> None:
    swept(host_row("prod-02"), container(), now=NOW + timedelta(seconds=8))
    assert again(viewer, tag, **REFRESH) == 200


def test_what_an_admin_set_is_drawn(viewer: Client, tag: str) -> None:
    Preferences(load_line=33).save()
    assert again(viewer, tag, **REFRESH) == 200


def test_another_address_and_another_person_are_drawn(viewer: Client, tag: str) -> None:
    assert again(viewer, tag, path="/?stage=staging", **REFRESH) == 200
    other = Client()
    other.force_login(User.objects.create_user("other"))
    assert again(other, tag, **REFRESH) == 200


def test_a_host_that_falls_silent_is_drawn(viewer: Client, tag: str) -> None:
    assert again(viewer, tag, seconds=3600, **REFRESH) == 200
