"""Keys that a server shows, as a page: half of each fingerprint is hidden, and nothing is trusted by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from dashboard import queueing
from fleet.models import TrustRootVersion, TrustTrial
from fleet.trust.fingerprints import groups
from tests.builders import NOW
from tests.fleet.trust.publishers import public
from tests.publishers import KEY, OTHER, WEB, candidate, publishers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(queueing.try_trust, "apply_async", lambda **_: None)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("carla", is_staff=True))
    return client


def text(reply: Any) -> str:
    return str(reply.content.decode())


def test_the_server_of_a_publisher_is_asked_by_a_worker_and_the_page_waits(admin: Client) -> None:
    publishers()
    TrustTrial.objects.all().delete()
    reply = admin.post("/trust/roots/fetch/?root=payments", {"repository": WEB}, follow=True)
    trial = TrustTrial.objects.get()
    assert (trial.about, trial.server["address"]) == (WEB, "https://notary.internal")
    assert "Asking the server" in text(reply)
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        assert "No answer from the workers" in text(admin.get(f"/trust/roots/candidate/{trial.pk}/"))


def test_a_mistake_in_what_is_to_be_asked_names_its_field(admin: Client) -> None:
    page = text(admin.post("/trust/roots/fetch/", {"repository": WEB, "server": "http://notary.internal"}))
    assert 'id="id_server_error">' in page
    publishers()
    page = text(admin.post("/trust/roots/fetch/?root=payments", {"repository": "docker.io/library/redis"}))
    assert "payments does not speak for" in page
    for name in ("house", "nobody", "%ED%A0%80"):
        assert admin.get(f"/trust/roots/fetch/?root={name}").status_code == 404


def test_the_half_that_has_to_be_known_stands_nowhere_in_the_page(admin: Client) -> None:
    trial = candidate(publishers())
    page = text(admin.get(f"/trust/roots/candidate/{trial.pk}/"))
    pinned, shown = public(KEY).fingerprint, public(OTHER).fingerprint
    assert pinned in page
    assert shown not in page
    assert shown[32:] not in page
    for group in groups(shown)[:8]:
        assert f"<span>{group}</span>" in page
    assert "Candidates, and nothing more." in page


def test_a_known_fingerprint_leads_to_the_form_and_changes_nothing_yet(admin: Client) -> None:
    trial = candidate(publishers())
    before = TrustRootVersion.objects.count()
    reply = admin.post(f"/trust/roots/candidate/{trial.pk}/", {"key_0": " ".join(groups(public(OTHER).fingerprint))})
    assert reply["Location"] == f"/trust/roots/payments/edit/?candidate={trial.pk}"
    assert TrustRootVersion.objects.count() == before
    lone = candidate(None, public(OTHER))
    reply = admin.post(f"/trust/roots/candidate/{lone.pk}/", {"key_0": public(OTHER).fingerprint[32:]})
    assert reply["Location"] == f"/trust/roots/add/?candidate={lone.pk}"


@pytest.mark.parametrize(
    ("said", "why"), [("", "at least one key"), ("f" * 64, "do not take it over"), ("yes", "all sixteen groups")]
)
def test_what_is_not_its_fingerprint_takes_nothing_over(admin: Client, said: str, why: str) -> None:
    trial = candidate(publishers())
    page = text(admin.post(f"/trust/roots/candidate/{trial.pk}/", {"key_0": said}))
    assert why in page
    assert public(OTHER).fingerprint[32:] not in page
    trial.refresh_from_db()
    assert trial.confirmed == []


def test_where_everything_is_registered_there_is_nothing_to_take_over(admin: Client) -> None:
    trial = candidate(publishers(), public(KEY))
    page = text(admin.get(f"/trust/roots/candidate/{trial.pk}/"))
    assert "nothing to take over" in page
    assert 'name="key_0"' not in page


def test_what_went_wrong_is_said(admin: Client) -> None:
    trial = candidate(None)
    TrustTrial.objects.filter(pk=trial.pk).update(found={}, steps=[["server", "failed", "It fell silent."]], ok=False)
    assert "It fell silent." in text(admin.get(f"/trust/roots/candidate/{trial.pk}/"))
