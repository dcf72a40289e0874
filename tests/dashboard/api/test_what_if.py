"""What if, for programs: the same answer as on the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from fleet.inventory import ContainerFacts
from tests.builders import OWNED, container, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(service: str, number: int, **changes: Any) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": service}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **changes)


def fleet() -> None:
    swept(
        host_row("prod-01"),
        one("ledger", 1, mounts=(volume_mount("books"),)),
        one("web", 2),
        volumes=(volume(name="books"),),
    )
    swept(host_row("prod-02"), one("web", 3))


def test_the_services_the_volumes_and_the_sentence(viewer: Client) -> None:
    fleet()
    body = viewer.get("/api/v1/what-if?host=prod-01").json()
    assert body["sentence"].startswith("Without prod-01, 1 service goes down and 1 degrades.")
    assert body["counts"] == {"down": 1, "degraded": 1}
    assert sum(body["counts"].values()) == len(body["services"])
    ledger = body["services"][0]
    assert (ledger["service"], ledger["fate"], ledger["when"], ledger["state_lost"]) == (
        *("ledger", "down", "at-once"),
        "yes",
    )
    assert ledger["move"] == {
        "moving": "empty",
        "hosts": ["prod-02"],
        "stops": ["books stays behind: It lies in the engine's own folder on the host."],
    }
    assert [(one["name"], one["lost"], one["services"]) for one in body["volumes"]] == [("books", True, ["ledger"])]
    assert body["cut"] is False


def test_several_things_are_lost_together(viewer: Client) -> None:
    fleet()
    body = viewer.get("/api/v1/what-if?host=prod-01&host=prod-02&registry=registry.internal").json()
    assert body["counts"] == {"down": 2}


def test_the_ranking(viewer: Client) -> None:
    fleet()
    body = viewer.get("/api/v1/what-if/hosts").json()
    assert (body["total"], [host["name"] for host in body["hosts"]]) == (2, ["prod-01", "prod-02"])
    assert {key: body["hosts"][0][key] for key in ("down", "down_in_production", "degraded", "volumes")} == {
        "down": 1,
        "down_in_production": 1,
        "degraded": 1,
        "volumes": 1,
    }


def test_nothing_named_and_nothing_of_that_name(viewer: Client) -> None:
    fleet()
    asked = viewer.get("/api/v1/what-if")
    assert (asked.status_code, asked.json()["error"]["field"]) == (422, "host")
    unknown = viewer.get("/api/v1/what-if?plugin=pxd")
    assert (unknown.status_code, unknown.json()["error"]) == (
        404,
        {"code": "not-found", "message": "No plugin is called pxd.", "field": "plugin"},
    )
