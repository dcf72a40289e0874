"""Mappings and the import of the catalogue, for programs."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.catalogue import preview_mapping, rename_due
from fleet.models import Container, Service, ServiceMapping
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
TERMS = {"container": "billing-*", "service": "billing", "note": "ticket 42"}
MAPPINGS = "/api/v1/catalogue/mappings"
IMPORT = "/api/v1/catalogue/import"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the workers, by the name of the task."""
    sent: list[str] = []
    for name in ("preview_mapping", "count"):
        monkeypatch.setattr(getattr(queueing, name), "apply_async", lambda name=name, **_message: sent.append(name))
    return sent


def _post(client: Client, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    answer = client.post(path, body or {}, content_type="application/json")
    return answer.status_code, answer.json()


def _swept() -> None:
    names = {"1" * 64: "billing-api-1", "2" * 64: "billing-db-1"}
    swept(host_row(), *(container(id=one, name=name, labels={}) for one, name in names.items()))


def test_from_a_draft_to_a_mapping_in_force_and_away_again(admin: Client, asked: list[str]) -> None:
    _swept()
    status, made = _post(admin, MAPPINGS, TERMS)
    assert (status, made["position"], made["preview"]["state"], made["made_by"]) == (
        201, None, "waiting", "the token admin-token",
    )  # fmt: skip
    one = f"{MAPPINGS}/{made['id']}"
    assert _post(admin, f"{one}/adopt")[1]["error"]["code"] == "not-previewed"
    preview_mapping(made["id"], now=NOW)
    told = admin.get(one).json()["preview"]
    assert (told["state"], told["refused"], told["found"]["matched"], told["found"]["moved"]) == ("done", "", 2, 2)
    assert not Container.objects.filter(service__name="billing").exists()
    assert _post(admin, f"{one}/adopt")[1]["position"] == 1
    assert admin.get("/api/v1/catalogue/renaming").json()["under_way"] is True
    rename_due(NOW)
    assert Container.objects.filter(service__name="billing").count() == 2
    assert admin.get("/api/v1/catalogue/renaming").json()["under_way"] is False
    assert admin.delete(one).status_code == 204
    assert asked == ["preview_mapping", "count", "count"]
    assert admin.get(one).status_code == 404


def test_a_mapping_is_moved_in_the_order_and_a_draft_is_not(admin: Client) -> None:
    rows = [ServiceMapping.objects.create(position=n, container=f"{n}", service="b", made_at=NOW) for n in (1, 2)]
    drafted = ServiceMapping.objects.create(container="a", service="b", made_at=NOW)
    assert _post(admin, f"{MAPPINGS}/{rows[1].pk}/move", {"up": True})[1]["position"] == 1
    assert _post(admin, f"{MAPPINGS}/{drafted.pk}/move", {"up": True})[0] == 409
    assert _post(admin, f"{MAPPINGS}/{rows[0].pk}/preview")[0] == 409
    listed = admin.get(MAPPINGS, {"in_force": "true"}).json()["items"]
    assert [(one["id"], one["position"]) for one in listed] == [(rows[0].pk, 2), (rows[1].pk, 1)]
    assert [one["id"] for one in admin.get(MAPPINGS, {"in_force": "false"}).json()["items"]] == [drafted.pk]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"service": "b"}, "label"),
        ({"container": "a"}, "service"),
        ({"container": "a", "team": "*"}, "team"),
        ({"container": "a\nb", "service": "b"}, "container"),
        ({**TERMS, "replaces": 1 << 70}, "replaces"),
    ],
)
def test_what_is_wrong_with_a_draft_is_named_with_its_field(admin: Client, body: dict[str, Any], field: str) -> None:
    status, answer = _post(admin, MAPPINGS, body)
    assert (status, answer["error"]["field"]) == (422, field)
    assert not ServiceMapping.objects.exists()


def test_without_a_queue_the_preview_has_failed_and_can_be_asked_for_again(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_message: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(queueing.preview_mapping, "apply_async", away)
    made = _post(admin, MAPPINGS, TERMS)[1]
    assert made["preview"]["state"] == "failed"
    monkeypatch.setattr(queueing.preview_mapping, "apply_async", lambda **_message: None)
    status, again = _post(admin, f"{MAPPINGS}/{made['id']}/preview")
    assert (status, again["preview"]["state"]) == (202, "waiting")


SHEET = "name,team,tier\nledger,finance,2\nbad,finance,12\n"


def test_an_import_is_a_dry_run_unless_it_is_told_otherwise(admin: Client) -> None:
    status, told = _post(admin, IMPORT, {"csv": SHEET})
    assert (status, told["dry_run"], Service.objects.count()) == (200, True, 0)
    assert [(one["name"], one["fields"]["team"]) for one in told["added"]] == [("ledger", ["", "finance"])]
    assert [(one["line"], one["column"]) for one in told["rejected"]] == [(3, "tier")]
    done = _post(admin, IMPORT, {"csv": SHEET, "dry_run": False})[1]
    assert {**done, "dry_run": True} == told
    assert Service.objects.get().team == "finance"
    assert LogEntry.objects.filter(object_repr="ledger").get().additional_data["token"] == "admin-token"
    assert _post(admin, IMPORT, {"csv": SHEET})[1]["unchanged"] == ["ledger"]


@pytest.mark.parametrize("sheet", ["", "name;team\na;b\n", "name,teem\na,b\n"])
def test_a_file_that_cannot_be_read_stores_nothing(admin: Client, sheet: str) -> None:
    status, answer = _post(admin, IMPORT, {"csv": sheet, "dry_run": False})
    assert (status, answer["error"]["field"]) == (422, "csv")
    assert not Service.objects.exists()


def test_what_is_no_unicode_is_turned_away_in_its_line(admin: Client) -> None:
    told = _post(admin, IMPORT, {"csv": "name\nfine\nb\ud800d\n"})[1]
    assert ([one["name"] for one in told["added"]], [one["line"] for one in told["rejected"]]) == (["fine"], [3])
