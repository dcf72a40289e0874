"""Whom the lock on the sign-in hits."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def _sign_in(password: str, forwarded: str) -> int:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    form = {"username": "carla", "password": password}
    return Client(headers=headers).post("/accounts/login/", form).status_code


def test_behind_a_proxy_a_strangers_guesses_do_not_lock_the_owner_out(settings: LazySettings) -> None:
    settings.LOADLINE_HTTPS = True
    User.objects.create_user("carla", password="the right one")
    for _ in range(10):
        _sign_in("a guess", "198.51.100.6")
    assert _sign_in("the right one", "198.51.100.6") == 429
    assert _sign_in("the right one", "203.0.113.9") == 302


def test_behind_a_proxy_an_invented_address_does_not_escape_the_lock(settings: LazySettings) -> None:
    settings.LOADLINE_HTTPS = True
    User.objects.create_user("carla", password="the right one")
    for number in range(10):
        _sign_in("a guess", f"10.0.0.{number}, 198.51.100.6")
    assert _sign_in("the right one", "10.0.0.77, 198.51.100.6") == 429


def test_without_a_proxy_the_header_is_not_believed() -> None:
    User.objects.create_user("carla", password="the right one")
    for number in range(10):
        _sign_in("a guess", f"10.0.0.{number}")
    assert _sign_in("the right one", "10.0.0.77") == 429
