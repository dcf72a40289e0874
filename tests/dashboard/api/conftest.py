"""A client that sends a token, and a clock that stands at NOW."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from fleet.models import ApiToken
from tests.builders import NOW


@pytest.fixture(autouse=True)
def _the_clock_stands() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _client(role: str) -> Client:
    token, secret = ApiToken.objects.issue(name=f"{role}-token", role=role, now=NOW)
    # Used just now, so that noting the use adds no query to those a test counts.
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def viewer(db: None) -> Client:
    return _client("viewer")


@pytest.fixture
def operator(db: None) -> Client:
    return _client("operator")


@pytest.fixture
def admin(db: None) -> Client:
    return _client("admin")
