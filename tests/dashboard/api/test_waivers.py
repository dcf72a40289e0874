"""Waivers through the API: asked for and withdrawn with a token, approved only by a person who is signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from fleet.governance.waivers import Person, WaiverError, approve
from fleet.models import Waiver
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

BODY = {
    "rule": "no-memory-limit",
    "service": "checkout",
    "reason": "The vendor mends it in the next release.",
    "control": "Only the gateway reaches it, and it is watched.",
    "ticket": "https://tickets.internal/42",
    "until": (NOW + timedelta(days=7)).date().isoformat(),
    "requested_by": "anna",
}


@pytest.fixture(autouse=True)
def anna(db: None) -> User:
    return User.objects.create_user("anna")


def failing(name: str = "checkout", **changes: Any) -> None:
    swept(host_row(f"{name}-host", **changes), container(labels={**OWNED, "loadline.service": name}, memory=0))


def ask(client: Client, **changes: Any) -> Any:
    return client.post("/api/v1/waivers", {**BODY, **changes}, content_type="application/json")


def test_a_request_waits_for_somebody_else(operator: Client, anna: User) -> None:
    failing()
    reply = ask(operator)
    assert reply.status_code == 201
    made = reply.json()
    assert (made["state"], made["requested_by"], made["approved_by"]) == ("requested", "anna", [])
    assert (made["kind"], made["service"], made["until"]) == ("service", "checkout", BODY["until"])
    waiver = Waiver.objects.get(pk=made["id"])
    with pytest.raises(WaiverError, match="somebody else"):
        approve(waiver, person=Person("anna", anna), now=NOW)
    approve(waiver, person=Person("bert", User.objects.create_user("bert")), now=NOW)
    shown = operator.get(f"/api/v1/waivers/{waiver.pk}").json()
    assert (shown["state"], shown["approved_by"]) == ("active", ["bert"])


def test_no_token_approves(admin: Client) -> None:
    failing()
    made = ask(admin).json()
    for way in ("approve", "approvals"):
        assert admin.post(f"/api/v1/waivers/{made['id']}/{way}", {}, content_type="application/json").status_code == 404
    assert Waiver.objects.get().state == "requested"


def test_a_finding_names_the_waiver_that_covers_it(operator: Client) -> None:
    host = host_row()
    facts = container(labels={**OWNED, "loadline.service": "checkout"}, memory=0)
    swept(host, facts)
    made = ask(operator).json()
    approve(Waiver.objects.get(), person=Person("bert"), now=NOW)
    swept(host, facts, now=NOW + timedelta(seconds=5))
    (finding,) = operator.get("/api/v1/findings?rule=no-memory-limit").json()["items"]
    assert finding["waiver"] == {"id": made["id"], "until": BODY["until"], "ticket": BODY["ticket"]}
    assert (finding["status"], finding["cis"]) == ("fail", ["5.11"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "privileged-container"}, "rule"),
        ({"service": "nothing"}, "rule"),
        ({"reason": "no"}, "reason"),
        ({"control": ""}, "control"),
        ({"ticket": "OPS-42"}, "ticket"),
        ({"until": "2031-01-01"}, "until"),
        ({"until": "soon"}, "until"),
        ({"requested_by": "nobody"}, "requested_by"),
        ({"requested_by": "a\x00b"}, "requested_by"),
    ],
)
def test_what_cannot_be_asked_for_names_the_field(operator: Client, changes: dict[str, str], field: str) -> None:
    failing()
    reply = ask(operator, **changes)
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, field)
    assert not Waiver.objects.exists()


def test_more_than_one_thing_is_refused_with_their_names(operator: Client) -> None:
    failing()
    failing("toy")
    reply = ask(operator, service=None)
    assert reply.status_code == 422
    assert "service checkout in production, service toy in production" in reply.json()["error"]["message"]
    assert ask(operator, service=None, host="toy-host").json()["service"] == "toy"


def test_a_withdrawn_one_is_over_and_says_by_whom(operator: Client) -> None:
    failing()
    made = ask(operator).json()
    address = f"/api/v1/waivers/{made['id']}/withdraw"
    reply = operator.post(address, {"note": "Mended."}, content_type="application/json")
    assert reply.json()["state"] == "withdrawn"
    assert Waiver.objects.get().ended_by == "token operator-token"
    again = operator.post(address, {}, content_type="application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "decided")


def test_filters_narrow_together(operator: Client, viewer: Client) -> None:
    failing()
    failing("toy", environment="staging")
    for service in ("checkout", "toy"):
        assert ask(operator, service=service).status_code == 201

    def listed(**filters: str) -> list[str]:
        return [item["service"] for item in viewer.get("/api/v1/waivers", filters).json()["items"]]

    assert listed() == ["checkout", "toy"]
    assert listed(state="requested", service="toy") == ["toy"]
    assert listed(environment="staging") == ["toy"]
    assert listed(rule="privileged-container") == []
    assert listed(state="active") == []
    Waiver.objects.filter(service__name="toy").update(expires_at=NOW)
    assert listed(state="expired") == ["toy"]
    assert listed(state="requested") == ["checkout"]


@pytest.mark.parametrize("pk", [0, 7, 10**30])
def test_one_that_is_not_there_is_404(viewer: Client, pk: int) -> None:
    assert viewer.get(f"/api/v1/waivers/{pk}").status_code in {404, 422}
