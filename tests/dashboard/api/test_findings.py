"""Findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from dashboard.api.findings import FindingOut
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _two_hosts(db: None) -> None:
    shop, toy = {**OWNED, "loadline.service": "shop"}, {**OWNED, "loadline.service": "toy", "loadline.team": "lab"}
    swept(host_row("a"), container(id="9dba61" + "0" * 58, name="bad", privileged=True, labels=shop))
    swept(host_row("b", environment="test"), container(name="good", labels=toy))


def _items(client: Client, **filters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/api/v1/findings", filters).json()["items"]
    return items


def _all_items(client: Client) -> list[dict[str, Any]]:
    """Page by page."""
    reply = client.get("/api/v1/findings?limit=500").json()
    found: list[dict[str, Any]] = reply["items"]
    while reply["next_cursor"]:
        reply = client.get("/api/v1/findings", {"limit": "500", "cursor": reply["next_cursor"]}).json()
        found += reply["items"]
    return found


def _subjects(client: Client, **filters: str) -> list[str]:
    return [item["subject"]["name"] for item in _items(client, rule="privileged-container", **filters)]


def test_the_api_and_the_command_line_give_the_same_findings(viewer: Client) -> None:
    out = StringIO()
    call_command("findings", "--json", stdout=out)
    printed = json.loads(out.getvalue())

    def key(finding: dict[str, Any]) -> str:
        return json.dumps(finding, sort_keys=True)

    assert sorted(_all_items(viewer), key=key) == sorted(printed, key=key)
    assert printed


def test_filters_narrow_together(viewer: Client) -> None:
    assert _subjects(viewer) == ["bad", "good"]
    assert _subjects(viewer, status="fail") == ["bad"]
    assert _subjects(viewer, environment="test") == ["good"]
    assert _subjects(viewer, team="payments") == ["bad"]
    assert _subjects(viewer, stage="experiment") == ["good"]
    assert _subjects(viewer, host="b") == ["good"]
    assert _subjects(viewer, service="shop") == ["bad"]
    assert _subjects(viewer, container="9dba61") == ["bad"]
    assert _subjects(viewer, container="good") == ["good"]
    assert _subjects(viewer, pillar="hardening", severity="critical") == ["bad", "good"]
    assert _subjects(viewer, pillar="network") == []
    assert _subjects(viewer, q="privileged", status="pass") == ["good"]


def test_the_cost_of_a_list_does_not_grow_with_it(viewer: Client, django_assert_num_queries: QueryCount) -> None:
    _items(viewer)  # patterns are read once by a process
    with django_assert_num_queries(4):  # the token, the findings, and of these hosts and services
        assert len(_items(viewer, limit="3")) == 3
    with django_assert_num_queries(7):  # and the same of sheets
        assert {item["status"] for item in _items(viewer)} == {"fail", "unknown", "pass", "not-applicable"}


@pytest.mark.parametrize("filters", [{}, {"status": "pass"}, {"q": "bad"}, {"pillar": "hardening", "host": "a"}])
def test_pages_of_rows_and_sheets_join_into_the_whole_list(viewer: Client, filters: dict[str, str]) -> None:
    whole, found, cursor = _items(viewer, limit="500", **filters), [], ""
    while True:
        reply = viewer.get("/api/v1/findings", {"limit": "7", **filters, **({"cursor": cursor} if cursor else {})})
        found += reply.json()["items"]
        cursor = reply.json()["next_cursor"]
        if not cursor:
            break
    assert found == whole
    assert len({(one["rule"], *one["subject"].values()) for one in found}) == len(found) > 14


def test_what_is_written_is_what_the_schema_says(viewer: Client) -> None:
    items = _all_items(viewer)
    assert {item["status"] for item in items} == {"fail", "unknown", "pass", "not-applicable"}
    for item in items:
        assert FindingOut.model_validate(item).model_dump(mode="json") == item
        assert list(item) == list(FindingOut.model_fields)
