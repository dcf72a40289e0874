"""Hosts: listed, registered, changed, removed and swept."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.test import Client

from fleet.models import Host
from fleet.recording import record_failure
from tests.builders import NOW, container
from tests.fleet.registration.pem import material
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]
BODY = {"name": "prod-01", "url": "tcp://127.0.0.1:2375", "environment": "staging", "team": "web"}


def _post(client: Client, body: dict[str, Any], path: str = "/api/v1/hosts") -> tuple[int, dict[str, Any]]:
    answer = client.post(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def _listed(client: Client, **filters: str) -> list[str]:
    return [item["name"] for item in client.get("/api/v1/hosts", filters).json()["items"]]


def _judge(name: str = "prod-01") -> None:
    """As a host rule would have it; which rules there are is not this test's business."""
    Host.objects.filter(name=name).update(verdict="not-ready", verdict_hardening="not-ready")


def test_a_host_says_its_verdict_and_how_old_the_evidence_is(viewer: Client) -> None:
    swept(host_row(team="web"), container(), now=NOW - timedelta(seconds=40))
    _judge()
    (item,) = viewer.get("/api/v1/hosts").json()["items"]
    assert item["name"] == "prod-01"
    assert item["verdict"] == "not-ready"
    assert item["pillars"]["hardening"] == "not-ready"
    assert item["verdict_age_seconds"] == 40
    assert item["answered_at"] == "2026-11-24T11:59:20Z"
    assert item["stale"] is False
    assert item["environment"] == "production"
    assert item["engine_version"] == "29.7.2"
    assert item["containers"] == 1
    assert item["error"] is None


def test_a_verdict_on_old_evidence_is_unknown_in_every_pillar(viewer: Client) -> None:
    swept(host_row(), container(), now=NOW - timedelta(hours=1))
    _judge()
    (item,) = viewer.get("/api/v1/hosts").json()["items"]
    assert item["verdict"] == "unknown"
    assert set(item["pillars"].values()) == {"unknown"}
    assert item["stale"] is True
    assert _listed(viewer, verdict="not-ready") == []
    assert _listed(viewer, verdict="unknown") == ["prod-01"]


def test_a_failed_sweep_is_told_with_code_and_reason(viewer: Client) -> None:
    host = host_row()
    record_failure(host.pk, code="refused", reason="Nothing listens on port 2376.", now=NOW)
    (item,) = viewer.get("/api/v1/hosts").json()["items"]
    assert item["error"] == {"code": "refused", "message": "Nothing listens on port 2376."}
    assert item["verdict_age_seconds"] is None


def test_filters_narrow_together(viewer: Client) -> None:
    swept(host_row("a", team="web"), container())
    swept(host_row("b", team="web", environment="test"), container())
    _judge("b")
    host_row("c")
    assert _listed(viewer, environment="production") == ["a", "c"]
    assert _listed(viewer, environment="Production", team="web") == ["a"]
    assert _listed(viewer, stage="experiment") == ["b"]
    assert _listed(viewer, verdict="not-ready") == ["b"]
    assert _listed(viewer, answer="never") == ["c"]
    assert _listed(viewer, answer="answering") == ["a", "b"]
    assert _listed(viewer, answer="failing") == ["c"]
    assert _listed(viewer, q="B") == ["b"]
    assert _listed(viewer, environment="nonesuch") == []


def test_the_cost_of_a_list_does_not_grow_with_it(viewer: Client, django_assert_num_queries: QueryCount) -> None:
    for number in range(5):
        swept(host_row(f"host-{number}"), container())
    with django_assert_num_queries(2):  # the token and the hosts
        viewer.get("/api/v1/hosts")


def test_one_host_is_found_by_name_and_an_unknown_one_is_not(viewer: Client) -> None:
    host_row("a.b-c_d")
    assert viewer.get("/api/v1/hosts/a.b-c_d").json()["name"] == "a.b-c_d"
    answer = viewer.get("/api/v1/hosts/nonesuch")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "No host is called nonesuch."


def test_an_admin_registers_a_host_which_is_due_at_once(admin: Client) -> None:
    status, body = _post(admin, BODY)
    assert status == 201
    assert body["host"]["environment"] == "staging"
    assert body["warnings"] == []
    assert Host.objects.due(NOW).get().name == "prod-01"


def test_credentials_go_in_and_never_come_out(admin: Client) -> None:
    tls = material()
    secrets = {"ca": tls.ca, "certificate": tls.certificate, "key": tls.key}
    status, body = _post(admin, {**BODY, "url": "tcp://10.0.0.1:2376", **secrets})
    assert status == 201
    assert body["host"]["has_credentials"] is True
    host = Host.objects.get()
    assert host.credentials() == (tls.ca, tls.certificate, tls.key)
    said = json.dumps([body, admin.get("/api/v1/hosts").json(), admin.get("/api/v1/hosts/prod-01").json()])
    assert "BEGIN" not in said
    assert host.sealed_key not in said
    admin.patch("/api/v1/hosts/prod-01", {"ca": "", "certificate": "", "key": ""}, content_type="application/json")
    assert not Host.objects.get().has_credentials


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"url": "ftp://x"}, "url"),
        ({"environment": "prod"}, "environment"),
        ({"engine": "lxc"}, "engine"),
        ({"key": "x", "url": "tcp://10.0.0.1:1"}, "url"),
        ({"ca": "x", "url": "tcp://10.0.0.1:1"}, "ca"),
        ({"name": 7}, "name"),
    ],
)
def test_what_is_wrong_is_named_with_the_field(wrong: dict[str, Any], field: str, admin: Client) -> None:
    status, body = _post(admin, {**BODY, **wrong})
    assert status == 422
    assert body["error"]["field"] == field
    assert not Host.objects.exists()


def test_a_body_that_is_no_json_is_refused_in_json(admin: Client) -> None:
    answer = admin.post("/api/v1/hosts", b"{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad-request"


def test_plain_tcp_is_warned_of(admin: Client) -> None:
    _, body = _post(admin, {**BODY, "url": "tcp://10.0.0.5:2375"})
    assert "not encrypted" in body["warnings"][0]


def test_a_change_leaves_what_it_does_not_name(admin: Client) -> None:
    _post(admin, BODY)
    answer = admin.patch("/api/v1/hosts/prod-01", {"team": "shop", "enabled": False}, content_type="application/json")
    assert answer.status_code == 200
    host = answer.json()["host"]
    assert (host["team"], host["enabled"], host["environment"], host["url"]) == ("shop", False, "staging", BODY["url"])


def test_a_removed_host_is_gone(admin: Client) -> None:
    swept(host_row("old"), container())
    assert admin.delete("/api/v1/hosts/old").status_code == 204
    assert _listed(admin) == []
    assert admin.delete("/api/v1/hosts/old").status_code == 404


def test_the_trail_names_the_token(admin: Client) -> None:
    _post(admin, BODY)
    entry = LogEntry.objects.get(content_type__model="host")
    assert entry.additional_data["token"] == "admin-token"


def test_an_operator_asks_for_a_sweep(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("dashboard.queueing.sweep_now.apply_async", lambda **given: asked.append(given))
    host = host_row()
    status, body = _post(operator, {}, "/api/v1/hosts/prod-01/sweep")
    assert (status, body) == (202, {"host": "prod-01", "asked_at": "2026-11-24T12:00:00Z"})
    assert asked[0]["kwargs"] == {"hosts": [host.pk]}
    assert Host.objects.get().requested_at == NOW


def test_a_viewer_cannot_ask_for_a_sweep(viewer: Client) -> None:
    host_row()
    assert _post(viewer, {}, "/api/v1/hosts/prod-01/sweep")[0] == 403


def test_a_host_that_is_not_enabled_is_not_swept(operator: Client) -> None:
    host_row(enabled=False)
    status, body = _post(operator, {}, "/api/v1/hosts/prod-01/sweep")
    assert (status, body["error"]["code"]) == (409, "not-enabled")


def test_a_queue_that_is_away_is_told(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.api.hosts.ask_for_sweep", lambda _hosts, now: False)
    host_row()
    status, body = _post(operator, {}, "/api/v1/hosts/prod-01/sweep")
    assert (status, body["error"]["code"]) == (503, "queue-away")


def test_a_clock_that_went_back_gives_no_negative_age(viewer: Client) -> None:
    swept(host_row(), container(), now=NOW)
    with time_machine.travel(NOW - timedelta(seconds=5), tick=False):
        (item,) = viewer.get("/api/v1/hosts").json()["items"]
    assert item["verdict_age_seconds"] == 0
