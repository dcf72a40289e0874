"""Forgetting what was seen of a repository, as a page."""

from __future__ import annotations

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from fleet.models import TrustMemory
from tests.publishers import WEB, publishers

pytestmark = pytest.mark.django_db
ADDRESS = f"/trust/roots/payments/forget/?repository={WEB}"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("carla", is_staff=True))
    return client


def test_it_says_what_one_loses_asks_why_and_notes_who_did_it(admin: Client) -> None:
    root = publishers()
    page = admin.get(ADDRESS).content.decode()
    assert "protection against a rollback" in page
    assert "root 2, targets 7; 1 tag" in page
    assert "Say why" in admin.post(ADDRESS, {"reason": " "}).content.decode()
    assert TrustMemory.objects.exists()
    done = admin.post(ADDRESS, {"reason": "Begun anew, says Ann."}, follow=True).content.decode()
    assert not TrustMemory.objects.exists()
    assert "forgotten: Begun anew, says Ann." in done
    line = LogEntry.objects.get_for_object(root).order_by("-pk").first()
    assert line is not None
    assert (line.actor.get_username(), line.remote_addr) == ("carla", "127.0.0.1")


def test_what_is_not_remembered_is_not_found(admin: Client) -> None:
    publishers()
    assert admin.get(f"{ADDRESS}-other").status_code == 404
    assert admin.get("/trust/roots/payments/forget/?repository=%ED%A0%80").status_code == 404
    assert admin.get("/trust/roots/payments/forget/")["Location"] == "/trust/roots/payments/"
