"""A clock that stands ten seconds after the sweeps, and somebody who may only look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from tests.builders import NOW


@pytest.fixture
def _soon_after(db: None) -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False):
        yield


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client
