"""Mappings and unmapped services in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.catalogue import preview_mapping, rename_due
from fleet.counting import count_all
from fleet.models import Container, ServiceMapping
from tests.builders import NOW, container
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]
TYPED = {"container": "billing-*", "service": "billing", "note": "ticket 42"}


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the workers, by the name of the task."""
    sent: list[str] = []
    for name in ("preview_mapping", "count"):
        monkeypatch.setattr(getattr(queueing, name), "apply_async", lambda name=name, **_message: sent.append(name))
    return sent


def _swept() -> None:
    swept(
        host_row(),
        container(id="1" * 64, name="billing-api-1", labels={}, image_reference="acme/api:1"),
        container(id="2" * 64, name="billing-db-1", labels={}, image_reference="postgres:16"),
    )
    count_all(NOW)


def test_a_viewer_reads_and_changes_nothing(viewer: Client) -> None:
    ServiceMapping.objects.create(position=1, container="a", service="b", made_at=NOW)
    assert b"Write a mapping" not in viewer.get("/catalogue/mappings/").content
    assert viewer.get("/catalogue/mappings/add/").status_code == 403
    pk = ServiceMapping.objects.get().pk
    assert viewer.post(f"/catalogue/mappings/{pk}/decide/", {"act": "remove"}).status_code == 403
    assert b"Take it away" not in viewer.get(f"/catalogue/mappings/{pk}/").content


def test_from_an_unmapped_service_to_a_mapping_in_force(admin: Client, asked: list[str]) -> None:
    _swept()
    page = admin.get("/catalogue/unmapped/").content.decode()
    link = "/catalogue/mappings/add/?container=billing-%2A&amp;service=billing"
    assert page.count(link) == 2
    assert "2 services with 2 containers" in page
    form = admin.get(link.replace("&amp;", "&")).content.decode()
    assert 'value="billing-*"' in form
    made = admin.post("/catalogue/mappings/add/", TYPED)["Location"]
    assert asked == ["preview_mapping"]
    assert b"Waiting for its turn" in admin.get(made).content
    pk = ServiceMapping.objects.get().pk
    assert b"has to be worked out" in admin.post(f"{made}decide/", {"act": "adopt"}, follow=True).content
    preview_mapping(pk, now=NOW)
    shown = admin.get(made).content.decode()
    assert "It fits 2 containers of 2; 2 containers would belong to another service." in shown
    assert "Put it in force" in shown
    admin.post(f"{made}decide/", {"act": "adopt"})
    assert asked == ["preview_mapping", "count"]
    assert b"0 of 1 hosts are done" in admin.get("/catalogue/mappings/").content
    rename_due(NOW)
    listed = admin.get("/catalogue/mappings/").content.decode()
    assert "hosts are done" not in listed
    assert "ticket 42" in listed
    assert {row.service.name for row in Container.objects.select_related("service") if row.service} == {"billing"}
    count_all(NOW)
    assert b"Nothing is unmapped" in admin.get("/catalogue/unmapped/").content


def test_what_makes_no_sense_stands_beside_its_field(admin: Client) -> None:
    page = admin.post("/catalogue/mappings/add/", {"service": "a"}).content.decode()
    assert 'href="#id_label"' in page
    assert not ServiceMapping.objects.exists()


def test_a_mapping_in_force_is_changed_by_a_draft_that_takes_its_place(admin: Client) -> None:
    old = ServiceMapping.objects.create(position=1, container="a-*", service="a", made_at=NOW)
    assert b'value="a-*"' in admin.get(f"/catalogue/mappings/add/?from={old.pk}").content
    admin.post(f"/catalogue/mappings/add/?from={old.pk}", {"container": "b-*", "service": "b"})
    made = ServiceMapping.objects.drafts().get()
    assert made.replaces == old.pk
    assert b"It takes the place of" in admin.get(f"/catalogue/mappings/{made.pk}/").content
    admin.post(f"/catalogue/mappings/add/?from={made.pk}", {"container": "c-*", "service": "c"})
    newest = ServiceMapping.objects.drafts().first()
    assert newest is not None
    assert newest.replaces == old.pk


def test_mappings_are_moved_and_taken_away(admin: Client) -> None:
    first, second = (
        ServiceMapping.objects.create(position=n, container=f"{n}", service="a", made_at=NOW) for n in (1, 2)
    )
    admin.post(f"/catalogue/mappings/{second.pk}/decide/", {"act": "up"})
    assert list(ServiceMapping.objects.in_force()) == [second, first]
    admin.post(f"/catalogue/mappings/{second.pk}/decide/", {"act": "remove"})
    assert list(ServiceMapping.objects.all()) == [first]


def test_a_queue_that_is_away_is_said_and_can_be_tried_again(
    admin: Client, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    def away(**_message: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as without:
        without.setattr(queueing.preview_mapping, "apply_async", away)
        made = admin.post("/catalogue/mappings/add/", TYPED)["Location"]
    page = admin.get(made).content.decode()
    assert "the queue does not answer" in page
    assert "Work it out again" in page
    admin.post(f"{made}decide/", {"act": "preview"})
    assert asked == ["preview_mapping"]
    assert b"Waiting for its turn" in admin.get(made).content


def test_the_names_of_unmapped_services_can_be_searched(viewer: Client) -> None:
    _swept()
    page = viewer.get("/catalogue/unmapped/?q=postgres").content.decode()
    assert "docker.io" not in page
    assert read(page).rows == 1
    assert b"No unmapped service has zzz" in viewer.get("/catalogue/unmapped/?q=zzz").content
