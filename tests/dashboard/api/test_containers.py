"""Containers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.api.containers import ContainerOut
from fleet.models import Container, Host
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]


def _listed(client: Client, **filters: str) -> list[str]:
    return [item["name"] for item in client.get("/api/v1/containers", filters).json()["items"]]


def test_a_container_is_listed_with_its_host_service_and_verdict(viewer: Client) -> None:
    swept(host_row(), container(name="known-one", labels={**OWNED, "loadline.service": "shop"}))
    (item,) = viewer.get("/api/v1/containers").json()["items"]
    assert (item["name"], item["host"], item["service"]) == ("known-one", "prod-01", "shop")
    assert item["id"] == "c" * 64
    assert item["state"] == "running"
    assert item["image"].startswith("registry.internal/web:1.4")
    assert item["verdict_age_seconds"] == 0


def test_a_container_that_went_is_not_listed(viewer: Client) -> None:
    host = swept(host_row(), container(name="gone"))
    swept(host, container(id="d" * 64, name="here"), now=NOW + timedelta(minutes=1))
    assert _listed(viewer) == ["here"]


def test_a_verdict_on_old_evidence_is_unknown(viewer: Client) -> None:
    swept(host_row(), container(privileged=True), now=NOW - timedelta(hours=1))
    (item,) = viewer.get("/api/v1/containers").json()["items"]
    assert item["verdict"] == "unknown"
    assert item["stale"] is True


def test_filters_narrow_together(viewer: Client) -> None:
    bad = container(id="9dba61" + "0" * 58, name="bad", privileged=True, labels={**OWNED, "loadline.service": "shop"})
    asleep = container(id="d" * 64, name="asleep", state="exited", health="none")
    swept(host_row("a", team="web"), bad, asleep)
    swept(host_row("b", environment="test"), container(name="good"))
    assert _listed(viewer, environment="test") == ["good"]
    assert _listed(viewer, stage="production", state="running") == ["bad"]
    assert _listed(viewer, state="exited", health="none") == ["asleep"]
    assert _listed(viewer, verdict="not-ready") == ["bad"]
    assert _listed(viewer, host="b") == ["good"]
    assert _listed(viewer, service="shop") == ["bad"]
    assert _listed(viewer, q="9dba61") == ["bad"]
    assert _listed(viewer, q="OOD") == ["good"]


def test_the_cost_of_a_list_does_not_grow_with_it(viewer: Client, django_assert_num_queries: QueryCount) -> None:
    swept(host_row(), *(container(id=f"{n:064}", name=f"c{n}") for n in range(6)))
    with django_assert_num_queries(2):
        assert len(_listed(viewer)) == 6


def test_every_pillar_is_unknown_on_old_evidence_as_on_the_pages(viewer: Client) -> None:
    host = swept(host_row(), container())
    (shown,) = viewer.get("/api/v1/containers").json()["items"]
    assert (shown["pillars"]["runtime"], shown["pillars"]["hardening"]) == ("ready", "ready")
    Host.objects.filter(pk=host.pk).update(answered_at=NOW - timedelta(hours=1))
    (stale,) = viewer.get("/api/v1/containers").json()["items"]
    assert (stale["pillars"]["runtime"], stale["pillars"]["hardening"]) == ("unknown", "unknown")


def test_what_is_written_is_what_the_schema_says_and_the_row_tells(viewer: Client) -> None:
    shop = {**OWNED, "loadline.service": "shop"}
    swept(
        host_row(team="web"), container(privileged=True, labels=shop), container(id="d" * 64, name="alone", labels={})
    )
    items = viewer.get("/api/v1/containers").json()["items"]
    rows = Container.objects.with_verdict_now(NOW).select_related("host", "service").order_by("pk")
    for item, row in zip(items, rows, strict=True):
        assert ContainerOut.model_validate(item).model_dump(mode="json") == item
        assert list(item) == list(ContainerOut.model_fields)
        assert item["pillars"] == row.pillars_now
        assert item["failing"]["critical"] == row.failing_critical
        assert item["unknown_findings"] == row.unknown_findings
        assert item["team"] == (row.service.team if row.service else row.host.team)
