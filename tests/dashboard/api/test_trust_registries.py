"""Registries through the API: passwords go in and never come out."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client

from fleet.models import ImageRegistry
from fleet.proving.registries import registered
from tests.publishers import HOST

pytestmark = pytest.mark.django_db
REGISTRIES = "/api/v1/trust/registries"
SECRET = "hunter2-very-secret"
BODY: dict[str, Any] = {"host": HOST, "private": True, "username": "robot", "password": SECRET}


def post(client: Client, **body: Any) -> Any:
    return client.post(REGISTRIES, body, content_type="application/json")


def patch(client: Client, **body: Any) -> Any:
    return client.patch(f"{REGISTRIES}/{HOST}", body, content_type="application/json")


def password() -> str:
    told = registered(HOST)
    assert told is not None
    return told.password


def test_a_registry_is_registered_read_and_removed_and_its_password_is_never_told(
    admin: Client, viewer: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(0):
        reply = post(admin, **BODY)
        shown, listed = viewer.get(f"{REGISTRIES}/{HOST}"), viewer.get(REGISTRIES)
    assert reply.status_code == 201
    assert reply.json()["has_password"] is True
    assert shown.json() == reply.json()
    assert listed.json()["items"] == [reply.json()]
    trail = str([one.__dict__ for one in LogEntry.objects.all()])
    sealed = ImageRegistry.objects.get().sealed_password
    for place in (reply.content.decode(), listed.content.decode(), caplog.text, trail):
        assert SECRET not in place
        assert sealed not in place
    assert admin.delete(f"{REGISTRIES}/{HOST}").status_code == 204
    assert viewer.get(f"{REGISTRIES}/{HOST}").status_code == 404


def test_what_a_patch_leaves_out_stays(admin: Client) -> None:
    post(admin, **BODY)
    assert patch(admin, username="robot2").json()["username"] == "robot2"
    assert password() == SECRET
    assert patch(admin, password="other").status_code == 200
    assert password() == "other"
    told = patch(admin, username="").json()
    assert (told["username"], told["has_password"]) == ("", False)
    assert patch(admin, plain=True).json()["plain"] is True


def test_a_stored_password_is_not_sent_elsewhere_by_who_does_not_know_it(admin: Client) -> None:
    post(admin, **BODY)
    reply = patch(admin, realms=["evil.example"])
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, "password")
    assert ImageRegistry.objects.get().realms == []
    assert patch(admin, realms=["auth.internal"], password=SECRET).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": "https://x"}, "host"),
        ({"host": "x" * 300}, "host"),
        ({"username": ""}, "username"),
        ({"password": ""}, "password"),
        ({"plain": True, "private": False}, "plain"),
        ({"realms": ["https://x"]}, "realms"),
        ({"ca": "x"}, "ca"),
        ({"username": "a\x00"}, "username"),
        ({"password": "\x00"}, "password"),
    ],
)
def test_what_makes_no_registry_is_refused_with_the_field(admin: Client, change: dict[str, Any], field: str) -> None:
    reply = post(admin, **{**BODY, **change})
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, field)
    assert SECRET not in reply.content.decode()
    assert not ImageRegistry.objects.exists()


def test_one_that_is_registered_already_is_changed_and_not_added(admin: Client) -> None:
    post(admin, **BODY)
    assert post(admin, host=HOST).json()["error"]["field"] == "host"
    assert password() == SECRET


@pytest.mark.parametrize("host", ["nobody", "%00", "9" * 300, "%ED%A0%80"])
def test_a_registry_that_is_not_there_is_not_found(admin: Client, host: str) -> None:
    for reply in (
        admin.get(f"{REGISTRIES}/{host}"),
        admin.delete(f"{REGISTRIES}/{host}"),
        admin.patch(f"{REGISTRIES}/{host}", {}, content_type="application/json"),
    ):
        assert reply.status_code == 404
