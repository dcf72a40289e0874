"""Services."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
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


ENTERED = {
    "name": "ledger", "team": "finance", "tier": 2, "declared_stage": "production",
    "runbook": "https://wiki.internal/ledger", "oncall": "rota", "source_url": "https://git.internal/ledger",
}  # fmt: skip


def _post(client: Client, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = client.post("/api/v1/services", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_an_operator_enters_changes_and_removes_a_service(operator: Client) -> None:
    status, made = _post(operator, ENTERED)
    assert status == 201
    assert {name: made[name] for name in ENTERED} == ENTERED
    assert (made["entered_by"], made["stage"], made["declared"]) == ("the token operator-token", "none", True)
    change = {"tier": None, "oncall": "", "team": "ledger team"}
    answer = operator.patch("/api/v1/services/ledger", change, content_type="application/json").json()
    assert (answer["tier"], answer["oncall"], answer["team"]) == (None, "", "ledger team")
    assert answer["runbook"] == ENTERED["runbook"]
    assert operator.get("/api/v1/services/ledger").json() == answer
    line = LogEntry.objects.filter(object_repr="ledger").order_by("-pk")[0]
    assert line.changes_dict == {"tier": ["2", ""], "oncall": ["rota", ""], "team": ["finance", "ledger team"]}
    assert line.additional_data == {"token": "operator-token", "hint": line.additional_data["hint"]}
    assert operator.delete("/api/v1/services/ledger").status_code == 204
    assert operator.get("/api/v1/services/ledger").status_code == 404


def test_a_viewer_enters_nothing(viewer: Client) -> None:
    assert _post(viewer, ENTERED)[0] == 403
    Service.objects.create(name="a", slug="a", declared=True, first_seen=NOW)
    assert viewer.patch("/api/v1/services/a", {}, content_type="application/json").status_code == 403
    assert viewer.delete("/api/v1/services/a").status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("tier", 0), ("declared_stage", "live"), ("runbook", "javascript:alert(1)"), ("team", "a\nb")],
)
def test_what_is_wrong_is_named_with_its_field(operator: Client, field: str, value: object) -> None:
    status, answer = _post(operator, {**ENTERED, field: value})
    assert (status, answer["error"]["field"]) == (422, field)
    assert not Service.objects.exists()


def test_a_service_with_containers_is_not_removed(operator: Client) -> None:
    swept(host_row("a"), _runs("shop"))
    answer = operator.delete("/api/v1/services/shop")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "has-containers")


def test_a_service_that_nobody_knows_is_answered_with_the_nearest(operator: Client) -> None:
    swept(host_row("a"), _runs("shop"))
    answer = operator.get("/api/v1/services/shpo")
    assert answer.status_code == 404
    assert "did you mean shop" in answer.json()["error"]["message"]
