"""Where a change came from, in the audit trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from fleet.foresight.preview import preview_draft
from fleet.governance.policy import draft
from fleet.models import ApiToken, Waiver
from fleet.readiness.policy import Policy
from tests.builders import OWNED, container
from tests.rows import host_row, swept

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


def test_who_asks_for_and_approves_a_waiver_or_adopts_a_policy_is_noted() -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, memory=0), now=timezone.now())
    _, secret = ApiToken.objects.issue(name="robot", role="operator", now=timezone.now())
    User.objects.create_user("anna")
    body = {
        "rule": "no-memory-limit",
        "reason": "The vendor mends it in the next release.",
        "control": "Only the gateway reaches it, and it is watched.",
        "ticket": "https://tickets.internal/42",
        "until": (timezone.now() + timedelta(days=7)).date().isoformat(),
        "requested_by": "anna",
    }
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.post("/api/v1/waivers", body, content_type="application/json").status_code == 201
    asked = LogEntry.objects.get(content_type__model="waiver")
    assert asked.additional_data["token"] == "robot"

    admin = Client()
    admin.force_login(User.objects.create_user("root", is_staff=True))
    admin.post(f"/waivers/{Waiver.objects.get().pk}/", {"note": ""})
    assert LogEntry.objects.get(content_type__model="waiverapproval").actor.username == "root"
    version = draft(Policy(), author=None, name="anna", note="", now=timezone.now())
    preview_draft(version.pk, now=timezone.now())
    admin.post(f"/policy/{version.pk}/adopt/")
    entry = LogEntry.objects.filter(content_type__model="policyversion", action=LogEntry.Action.UPDATE).latest("pk")
    assert (entry.actor.username, list(entry.changes)) == ("root", ["adopted_at"])
