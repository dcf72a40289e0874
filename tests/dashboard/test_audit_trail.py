"""Where a change came from, in the audit trail."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from fleet.models import ApiToken

pytestmark = pytest.mark.django_db


def _register(**headers: str) -> LogEntry:
    _, secret = ApiToken.objects.issue(name="admin", role="admin", now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}", **headers})
    body = {"name": "a", "url": "tcp://127.0.0.1:1"}
    assert client.post("/api/v1/hosts", body, content_type="application/json").status_code == 201
    return LogEntry.objects.get(content_type__model="host")


def test_the_peers_address_is_noted() -> None:
    assert _register().remote_addr == "127.0.0.1"


def test_a_header_that_anybody_can_send_is_not_believed() -> None:
    assert _register(**{"X-Forwarded-For": "10.9.8.7"}).remote_addr == "127.0.0.1"


def test_behind_a_proxy_the_address_that_the_proxy_wrote_counts(settings: Any) -> None:
    settings.LOADLINE_HTTPS = True
    assert _register(**{"X-Forwarded-For": "6.6.6.6, 10.9.8.7"}).remote_addr == "10.9.8.7"


@pytest.mark.parametrize("header", ["garbage", "10.9.8.7:80", "", "x" * 5000])
def test_what_is_no_address_fails_no_change(header: str, settings: Any) -> None:
    settings.LOADLINE_HTTPS = True
    assert _register(**{"X-Forwarded-For": header}).remote_addr == "127.0.0.1"
