from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/admin/", "/admin/auth/user/", "/accounts/logout/"])
def test_a_page_sends_a_stranger_to_the_sign_in(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 302
    assert "login" in reply["Location"]


@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/"])
def test_what_a_stranger_may_see(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_browser_finds_an_icon_on_pages_that_name_none(client: Client) -> None:
    reply = client.get("/favicon.ico")
    assert (reply.status_code, reply["Location"]) == (302, "/static/loadline/emblem.svg")


def test_a_fragment_asked_for_after_the_session_ended_reloads_the_page(client: Client) -> None:
    reply = client.get("/accounts/logout/", headers={"HX-Request": "true"})
    assert (reply.status_code, reply["HX-Refresh"]) == (401, "true")


def test_every_page_forbids_inline_script_and_style(client: Client) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert set(policy.split("; ")) == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }


def test_ten_wrong_passwords_close_the_door_for_that_name_and_address(client: Client) -> None:
    User.objects.create_user("carla", password="the right one")
    for _ in range(10):
        client.post("/accounts/login/", {"username": "carla", "password": "a guess"})
    reply = client.post("/accounts/login/", {"username": "carla", "password": "the right one"})
    assert reply.status_code == 429
    elsewhere = client.post(
        "/accounts/login/", {"username": "carla", "password": "the right one"}, REMOTE_ADDR="192.0.2.7"
    )
    assert elsewhere.status_code == 302
