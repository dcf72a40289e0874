from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.models import Host, Trial
from fleet.registration import run_trial
from tests.builders import NOW
from tests.certificates import issue, make_ca
from tests.rows import host_row

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "prod-09",
    "url": "tcp://127.0.0.1:1",
    "environment": "production",
    "team": "payments",
    "engine": "docker",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent to the workers."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(queueing.try_endpoint, "apply_async", lambda **message: sent.append(message))
    return sent


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.mark.parametrize("path", ["/hosts/add/", "/hosts/prod-01/edit/", "/hosts/prod-01/remove/", "/hosts/import/"])
def test_a_viewer_may_not_register(client: Client, path: str) -> None:
    host_row()
    client.force_login(User.objects.create_user("viewer"))
    assert client.get(path).status_code == 403
    assert client.post(path, TYPED).status_code == 403


def test_nothing_is_stored_before_the_test(admin: Client, asked: list[dict[str, Any]]) -> None:
    response = admin.post("/hosts/add/", TYPED)
    trial = Trial.objects.get()
    assert response["Location"] == f"/hosts/trial/{trial.pk}/"
    assert not Host.objects.exists()
    assert asked[0]["kwargs"] == {"trial": str(trial.pk)}
    assert b"Connecting" in admin.get(f"/hosts/trial/{trial.pk}/").content


def test_the_test_says_what_is_wrong_and_the_host_can_be_registered_anyway(
    admin: Client, asked: list[dict[str, Any]]
) -> None:
    admin.post("/hosts/add/", TYPED)
    trial = Trial.objects.get()
    run_trial(trial.pk, now=NOW)
    page = admin.get(f"/hosts/trial/{trial.pk}/").content.decode()
    assert "refuse" in page
    assert "Register anyway" in page
    response = admin.post(f"/hosts/trial/{trial.pk}/")
    assert response["Location"] == "/hosts/prod-09/"
    assert Host.objects.get().team == "payments"
    assert not Trial.objects.exists()


def test_a_key_is_sealed_and_travels_in_no_message(admin: Client, asked: list[dict[str, Any]]) -> None:
    ca = make_ca()
    issued = issue(ca, "loadline", client=True)
    files = {
        "ca": SimpleUploadedFile("ca.pem", ca.pem.encode()),
        "certificate": SimpleUploadedFile("cert.pem", issued.certificate.encode()),
        "key": SimpleUploadedFile("key.pem", issued.key.encode()),
    }
    admin.post("/hosts/add/", {**TYPED, **files})
    trial = Trial.objects.get()
    secret = issued.key.splitlines()[1]
    assert secret not in trial.sealed_entry
    assert secret not in str(asked)
    assert secret not in admin.get(f"/hosts/trial/{trial.pk}/").content.decode()
    admin.post(f"/hosts/trial/{trial.pk}/")
    assert Host.objects.get().credentials()[2] == issued.key


def test_an_address_that_makes_no_sense_is_named_beside_its_field(admin: Client) -> None:
    page = admin.post("/hosts/add/", {**TYPED, "url": "ftp://x"}).content.decode()
    assert 'href="#id_url"' in page
    assert not Trial.objects.exists()


def test_a_name_that_is_taken_is_told_before_the_test(admin: Client) -> None:
    host_row("prod-09")
    assert b"prod-09" in admin.post("/hosts/add/", TYPED).content
    assert not Trial.objects.exists()


def test_a_queue_that_is_away_is_said_and_registering_still_works(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_message: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(queueing.try_endpoint, "apply_async", away)
    page = admin.post("/hosts/add/", TYPED, follow=True).content
    assert b"The queue does not answer" in page


def test_a_host_is_removed_by_its_name_only(admin: Client) -> None:
    host_row()
    assert b"That is not prod-01." in admin.post("/hosts/prod-01/remove/", {"name": "prod-02"}).content
    assert Host.objects.exists()
    admin.post("/hosts/prod-01/remove/", {"name": "prod-01"})
    assert not Host.objects.exists()


def test_an_edit_keeps_credentials_that_were_not_chosen_anew(admin: Client, asked: list[dict[str, Any]]) -> None:
    host = host_row()
    ca = make_ca()
    host.set_credentials(ca=ca.pem, certificate=None, key=None)
    host.save()
    admin.post("/hosts/prod-01/edit/", {**TYPED, "name": "prod-01"})
    admin.post(f"/hosts/trial/{Trial.objects.get().pk}/")
    host.refresh_from_db()
    assert host.credentials()[0] == ca.pem
    assert host.team == "payments"


SHEET = "name,url,environment,team\nprod-01,tcp://prod-01:2376,production,a\nbad name,tcp://x:1,production,a\n"


def test_an_import_is_previewed_before_it_is_stored(admin: Client) -> None:
    page = admin.post("/hosts/import/", {"file": SimpleUploadedFile("hosts.csv", SHEET.encode())}).content.decode()
    assert "Nothing is stored yet" in page
    assert '<td class="num">3</td>' in page
    assert not Host.objects.exists()
    admin.post("/hosts/import/", {"text": SHEET, "confirm": "1"})
    assert [host.name for host in Host.objects.all()] == ["prod-01"]


def test_a_sealing_key_replaced_during_the_test_leads_back_to_the_form(
    admin: Client, asked: list[dict[str, Any]], settings: LazySettings
) -> None:
    admin.post("/hosts/add/", TYPED)
    trial = Trial.objects.get()
    settings.LOADLINE_SEALING_KEYS = [Fernet.generate_key().decode()]
    page = admin.get(f"/hosts/trial/{trial.pk}/", follow=True)
    assert b"The sealing key was replaced meanwhile" in page.content
    assert page.redirect_chain[-1][0] == "/hosts/add/"
    assert not Trial.objects.exists()


def test_a_host_that_is_not_enabled_is_not_swept_by_a_click(admin: Client) -> None:
    host_row(enabled=False)
    page = admin.post("/hosts/prod-01/sweep/", follow=True)
    assert b"is not enabled" in page.content
    assert Host.objects.get().requested_at is None
