"""Hosts in the admin site."""

from __future__ import annotations

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from fleet.models import Environment, Host, Service
from tests.builders import OWNED, container
from tests.fleet.registration.pem import material
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def _form(host: Host, **changes: str) -> dict[str, str]:
    return {
        "name": host.name,
        "url": host.url,
        "environment": str(host.environment_id),
        "team": host.team,
        "enabled": "on",
        **changes,
    }


def _change(client: Client, host: Host, **changes: str) -> str:
    return client.post(f"/admin/fleet/host/{host.pk}/change/", _form(host, **changes)).content.decode()


def test_sealed_credentials_are_on_no_page(boss: Client) -> None:
    host = host_row()
    tls = material()
    host.set_credentials(ca=tls.ca, certificate=tls.certificate, key=tls.key)
    host.save()
    for path in ("", f"{host.pk}/change/", f"{host.pk}/history/"):
        page = boss.get(f"/admin/fleet/host/{path}").content.decode()
        assert "prod-01" in page
        assert host.sealed_key not in page
        assert "BEGIN" not in page


def test_a_change_goes_through_registration(boss: Client) -> None:
    host = host_row()
    test = Environment.objects.get(slug="test")
    assert not _change(boss, host, environment=str(test.pk), team="web", url="http://engine.internal:2375/")
    host.refresh_from_db()
    assert (host.environment, host.team, host.url) == (test, "web", "tcp://engine.internal:2375")


def test_a_change_that_registration_refuses_is_explained_at_its_field(boss: Client) -> None:
    host_row("other", url="tcp://other:1")
    host = host_row()
    assert "is registered already, as other" in _change(boss, host, url="tcp://other:1")
    assert "may hold letters" in _change(boss, host, name="two words")
    assert Host.objects.filter(name="prod-01", url=host.url).exists()


def test_a_change_leaves_a_line_in_the_trail_with_who_made_it(boss: Client) -> None:
    host = host_row()
    _change(boss, host, team="web")
    entry = LogEntry.objects.filter(action=LogEntry.Action.UPDATE).get()
    assert entry.actor == User.objects.get()
    assert "team" in entry.changes_dict
    assert "prod-01" in boss.get("/admin/auditlog/logentry/").content.decode()


def test_deleting_adds_services_up_again_and_does_not_list_every_row(boss: Client) -> None:
    host = swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}))
    swept(host_row("b"), container(labels={**OWNED, "loadline.service": "shop"}))
    asked = boss.get(f"/admin/fleet/host/{host.pk}/delete/").content.decode()
    assert "a with 1 containers" in asked
    boss.post(f"/admin/fleet/host/{host.pk}/delete/", {"post": "yes"})
    assert Host.objects.get().name == "b"
    assert Service.objects.get(name="shop").containers_total == 1


def test_deleting_many_at_once_does_the_same(boss: Client) -> None:
    host = swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}))
    chosen = {"action": "delete_selected", "_selected_action": str(host.pk), "post": "yes"}
    boss.post("/admin/fleet/host/", chosen)
    assert not Host.objects.exists()
    assert Service.objects.get(name="shop").containers_total == 0


def test_a_host_is_not_added_here(boss: Client) -> None:
    assert boss.get("/admin/fleet/host/add/").status_code == 403
