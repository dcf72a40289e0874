"""Bearer tokens and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from fleet.models import ApiToken
from tests.builders import NOW

pytestmark = pytest.mark.django_db
LISTS = ("hosts", "services", "containers", "images", "networks", "volumes", "findings", "rules", "adoption")


def _issue(role: str = "viewer") -> tuple[ApiToken, str]:
    return ApiToken.objects.issue(name="script", role=role, now=NOW)


def _get(secret: str, path: str = "/api/v1/hosts") -> int:
    return Client(headers={"Authorization": f"Bearer {secret}"}).get(path).status_code


@pytest.mark.parametrize("noun", LISTS)
def test_every_list_answers_401_without_a_token_and_says_how_to_sign_in(noun: str) -> None:
    answer = Client().get(f"/api/v1/{noun}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("noun", LISTS)
def test_every_list_answers_a_viewer(noun: str, viewer: Client) -> None:
    assert viewer.get(f"/api/v1/{noun}").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer wrong", "Basic YTpi", "ll_x", "Bearer \x00", "Bearer " + "x" * 5000]
)
def test_a_header_without_a_valid_token_is_refused(header: str) -> None:
    assert Client(headers={"Authorization": header}).get("/api/v1/hosts").status_code == 401


def test_a_revoked_token_is_refused() -> None:
    token, secret = _issue()
    assert _get(secret) == 200
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=NOW)
    assert _get(secret) == 401


def test_a_session_is_no_sign_in_here() -> None:
    client = Client(enforce_csrf_checks=False)
    client.force_login(User.objects.create_superuser("boss"))
    assert client.get("/api/v1/hosts").status_code == 401
    assert client.post("/api/v1/hosts", {"name": "x"}, content_type="application/json").status_code == 401


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_token_writes(role: str) -> None:
    _, secret = _issue(role)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {"name": "a", "url": "tcp://127.0.0.1:1"}
    assert client.post("/api/v1/hosts", body, content_type="application/json").status_code == 403
    assert client.patch("/api/v1/hosts/a", {"team": "t"}, content_type="application/json").status_code == 403
    refusal = client.delete("/api/v1/hosts/a")
    assert refusal.status_code == 403
    assert role in refusal.json()["error"]["message"]


def test_use_is_noted_at_most_once_a_minute() -> None:
    token, secret = _issue()
    _get(secret)
    token.refresh_from_db()
    assert token.last_used_at == NOW
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        _get(secret)
    token.refresh_from_db()
    assert token.last_used_at == NOW
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        _get(secret)
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/hosts", "/api/v1/hosts/x/y/z"])
def test_an_address_that_nothing_answers_is_refused_in_json(path: str) -> None:
    answer = Client().get(path, follow=False)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"


def test_an_error_of_our_own_is_refused_in_json_and_logged(
    viewer: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("dashboard.api.adoption.counts_of", broken)
    answer = viewer.get("/api/v1/adoption")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "fire" not in answer.content.decode()
    assert "the disk is on fire" in caplog.text
