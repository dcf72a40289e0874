"""What people decide, in the admin site."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from fleet.models import ApiToken, Environment, Preferences, Service
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def _issue(name: str = "script") -> ApiToken:
    return ApiToken.objects.issue(name=name, role="viewer", now=NOW)[0]


def test_an_environment_is_added(boss: Client) -> None:
    boss.post("/admin/fleet/environment/add/", {"name": "Lab", "slug": "lab", "stage": "experiment", "position": "50"})
    assert Environment.objects.get(slug="lab").stage == "experiment"


def test_an_environment_with_hosts_is_not_deleted(boss: Client) -> None:
    environment = host_row().environment
    boss.post(f"/admin/fleet/environment/{environment.pk}/delete/", {"post": "yes"})
    assert Environment.objects.filter(pk=environment.pk).exists()


def test_a_service_that_is_not_in_containers_yet_is_declared(boss: Client) -> None:
    boss.post("/admin/fleet/service/add/", {"name": "billing/core", "team": "money"})
    service = Service.objects.get()
    assert (service.slug, service.declared, service.stage) == ("billing-core", True, "none")


def test_a_running_service_keeps_its_name_and_is_not_deleted(boss: Client) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "shop"}))
    service = Service.objects.get()
    boss.post(f"/admin/fleet/service/{service.pk}/change/", {"name": "other", "team": "web"})
    service.refresh_from_db()
    assert (service.name, service.team) == ("shop", "web")
    assert boss.post(f"/admin/fleet/service/{service.pk}/delete/", {"post": "yes"}).status_code == 403


def test_there_is_one_row_of_preferences(boss: Client) -> None:
    boss.post("/admin/fleet/preferences/add/", {"load_line": "90"})
    assert Preferences.current().load_line == 90
    assert boss.get("/admin/fleet/preferences/add/").status_code == 403


def test_tokens_are_listed_without_their_digest_and_not_issued_here(boss: Client) -> None:
    token = _issue()
    assert token.digest not in boss.get("/admin/fleet/apitoken/").content.decode()
    assert token.digest not in boss.get(f"/admin/fleet/apitoken/{token.pk}/change/").content.decode()
    assert boss.get("/admin/fleet/apitoken/add/").status_code == 403


def test_tokens_are_revoked(boss: Client) -> None:
    token = _issue()
    boss.post("/admin/fleet/apitoken/", {"action": "revoke", "_selected_action": str(token.pk)})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_who_may_only_look_at_tokens_revokes_none() -> None:
    token = _issue()
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/admin/fleet/apitoken/", {"action": "revoke", "_selected_action": str(token.pk)})
    token.refresh_from_db()
    assert token.revoked_at is None
