"""What sweeps saw, in the admin site."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from fleet.adoption import record_day
from fleet.models import Container
from tests.builders import NOW, container, volume
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
SWEPT = ("container", "image", "network", "volume", "finding", "day")


@pytest.fixture(autouse=True)
def _one_of_everything(db: None) -> None:
    swept(host_row(), container(privileged=True), volumes=(volume(),))
    record_day(NOW)


@pytest.mark.parametrize("noun", SWEPT)
def test_rows_are_read_and_not_changed(noun: str, boss: Client) -> None:
    row = apps.get_model("fleet", noun)._default_manager.first()
    assert row is not None
    assert boss.get(f"/admin/fleet/{noun}/").status_code == 200
    assert boss.get(f"/admin/fleet/{noun}/{row.pk}/change/").status_code == 200
    assert boss.post(f"/admin/fleet/{noun}/{row.pk}/change/", {}).status_code == 403
    assert boss.get(f"/admin/fleet/{noun}/add/").status_code == 403
    assert boss.post(f"/admin/fleet/{noun}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_searching_finds_a_container_by_its_id(boss: Client) -> None:
    assert "web" in boss.get("/admin/fleet/container/", {"q": "cccccc"}).content.decode()
    assert Container.objects.count() == 1


def test_people_and_their_trail_are_there(boss: Client) -> None:
    # The first request loads the addresses, and those the registry.
    assert boss.get("/admin/auth/user/").status_code == 200
    assert boss.get("/admin/auditlog/logentry/").status_code == 200
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert {"auth.user", "auth.group", "auditlog.logentry"} <= registered
