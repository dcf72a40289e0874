"""Services."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fleet.models import Service
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]


def _runs(service: str, **changes: Any) -> Any:
    labels = {**OWNED, "loadline.service": service}
    return container(**{"id": service * 4, "name": service, "labels": labels, **changes})


def _listed(client: Client, **filters: str) -> list[str]:
    return [item["name"] for item in client.get("/api/v1/services", filters).json()["items"]]


def test_a_service_is_as_old_as_the_longest_silent_host_it_rests_on(viewer: Client) -> None:
    swept(host_row("a"), _runs("shop"), now=NOW - timedelta(seconds=100))
    swept(host_row("b"), _runs("shop"), now=NOW - timedelta(seconds=10))
    (item,) = viewer.get("/api/v1/services").json()["items"]
    assert item["verdict_age_seconds"] == 100
    assert (item["containers"], item["hosts"], item["stage"]) == (2, 2, "production")


def test_a_verdict_on_old_evidence_is_unknown_in_every_pillar(viewer: Client) -> None:
    swept(host_row("a"), _runs("shop", privileged=True), now=NOW - timedelta(hours=1))
    swept(host_row("b"), _runs("shop"), now=NOW)
    (item,) = viewer.get("/api/v1/services").json()["items"]
    assert item["verdict"] == "unknown"
    assert set(item["pillars"].values()) == {"unknown"}
    assert item["stale"] is True


def test_a_service_that_a_person_entered_is_listed_without_evidence(viewer: Client) -> None:
    Service.objects.create(name="planned", slug="planned", declared=True, first_seen=NOW)
    (item,) = viewer.get("/api/v1/services").json()["items"]
    assert (item["stage"], item["verdict"], item["verdict_age_seconds"]) == ("none", "unknown", None)


def test_filters_narrow_together(viewer: Client) -> None:
    swept(host_row("a"), _runs("shop", privileged=True))
    swept(host_row("b", environment="test"), _runs("toy", labels={"loadline.service": "toy", "loadline.team": "lab"}))
    assert _listed(viewer, environment="production") == ["shop"]
    assert _listed(viewer, host="b") == ["toy"]
    assert _listed(viewer, team="payments") == ["shop"]
    assert _listed(viewer, stage="experiment") == ["toy"]
    assert _listed(viewer, verdict="not-ready") == ["shop"]
    assert _listed(viewer, q="SHO") == ["shop"]


def test_the_cost_of_a_list_does_not_grow_with_it(viewer: Client, django_assert_num_queries: QueryCount) -> None:
    swept(host_row(), *(_runs(f"service-{number}") for number in range(6)))
    with django_assert_num_queries(3):
        assert len(_listed(viewer)) == 6
