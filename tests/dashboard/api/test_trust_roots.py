"""Trust roots through the API: versions that stay, fields that are named, and nothing of a private key."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from auditlog.models import LogEntry
from cryptography.hazmat.primitives import serialization
from django.test import Client

from fleet.models import TrustMemory, TrustRoot
from tests.fleet.trust.publishers import new_key, pem, public
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Sigstore
from tests.publishers import HOST, KEY, OTHER, WEB, publishers

pytestmark = pytest.mark.django_db
SIGNER = f"{ISSUER},{IDENTITY}"
BODY: dict[str, Any] = {"name": "team", "kind": "cosign", "scopes": [f"{HOST}/team/*"], "material": pem(KEY)}
ROOTS = "/api/v1/trust/roots"


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def patch(client: Client, name: str, **body: Any) -> Any:
    return client.patch(f"{ROOTS}/{name}", body, content_type="application/json")


def test_a_root_is_registered_with_its_fingerprints_in_the_answer(admin: Client, viewer: Client) -> None:
    reply = post(admin, ROOTS, **BODY)
    assert reply.status_code == 201
    made = reply.json()
    assert made["current"]["keys"] == [{"kind": "ECDSA P-256", "sha256": public(KEY).fingerprint}]
    assert (made["enabled"], made["current"]["number"], made["current"]["author"]) == (True, 1, "token admin-token")
    assert viewer.get(f"{ROOTS}/team").json() == made
    (listed,) = viewer.get(ROOTS).json()["items"]
    assert listed == {name: made[name] for name in ("name", "enabled", "registered_at", "current")}


def test_a_patch_is_a_new_version_and_the_old_one_stays(admin: Client) -> None:
    post(admin, ROOTS, **BODY)
    told = patch(admin, "team", scopes=[f"{HOST}/*"], material=pem(KEY) + pem(OTHER)).json()
    assert [one["number"] for one in told["versions"]] == [2, 1]
    assert told["current"] == told["versions"][0]
    assert told["current"]["changes"] == [
        {"part": "scope", "gone": [f"{HOST}/team/*"], "came": [f"{HOST}/*"]},
        {"part": "keys", "gone": [], "came": [f"ECDSA P-256 {public(OTHER).fingerprint}"]},
    ]
    assert (told["versions"][1]["scopes"], told["versions"][1]["changes"]) == ([f"{HOST}/team/*"], [])
    assert patch(admin, "team").json()["current"]["number"] == 2


def test_a_root_without_keys_goes_in_and_comes_out(admin: Client) -> None:
    body = {**BODY, "kind": "cosign-keyless", "subjects": [SIGNER], "material": Sigstore().pinned()}
    made = post(admin, ROOTS, **body).json()["current"]
    assert (made["kind"], made["subjects"], len(made["keys"])) == ("cosign-keyless", [SIGNER], 4)
    more = SIGNER.replace(",", ",ann.")
    (change,) = patch(admin, "team", subjects=[SIGNER, more]).json()["current"]["changes"]
    assert change == {"part": "subjects", "gone": [], "came": [more]}


def test_the_public_sigstore_is_pinned_by_a_word(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {**BODY, "kind": "cosign-keyless", "subjects": [SIGNER], "material": Sigstore().pinned()}
    made = post(admin, ROOTS, **{**body, "material": ""}, public_good=True).json()["current"]
    assert "rekor.sigstore.dev" in made["material"]
    assert patch(admin, "team", material=body["material"]).json()["current"]["number"] == 2
    assert patch(admin, "team", public_good=True).json()["current"]["material"] == made["material"]
    for refused in (post(admin, ROOTS, **body, public_good=True), post(admin, ROOTS, **BODY, public_good=True)):
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "public_good")
    monkeypatch.setitem(sys.modules, "sigstore", None)
    refused = post(admin, ROOTS, **{**body, "material": "", "name": "more"}, public_good=True)
    assert "pip install -r requirements-keyless.txt" in refused.json()["error"]["message"]


def test_an_edit_of_a_version_that_is_not_the_last_is_refused(admin: Client) -> None:
    post(admin, ROOTS, **BODY)
    patch(admin, "team", match_name=True)
    reply = patch(admin, "team", match_name=False, after=1)
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "changed")
    assert patch(admin, "team", match_name=False, after=2).json()["current"]["number"] == 3


def test_the_parts_of_every_kind_go_in_and_come_out(admin: Client) -> None:
    server = {"address": "https://notary.internal", "private": True, "plain": False, "ca": ""}
    body = {**BODY, "kind": "notary", "server": server, "roles": ["targets"]}
    told = post(admin, ROOTS, **body).json()["current"]
    assert (told["server"], told["roles"]) == (server, ["targets"])
    again = {name: told[name] for name in ("kind", "scopes", "material", "threshold", "roles", "server", "subjects")}
    assert post(admin, ROOTS, name="other", **again).json()["current"]["sha256"] == told["sha256"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["x"]}, "scopes"),
        ({"threshold": 2}, "threshold"),
        ({"threshold": 10**30}, "threshold"),
        ({"kind": "notary"}, "server"),
        ({"kind": "notary", "server": {"address": "http://n.internal"}}, "server"),
        ({"kind": "notary", "server": {"address": "https://n.internal", "ca": "x"}}, "ca"),
        ({"kind": "notary", "server": {"address": "https://n.internal"}, "roles": ["root"]}, "roles"),
        ({"kind": "notation"}, "material"),
        ({"kind": "cosign-keyless"}, "subjects"),
        ({"kind": "cosign-keyless", "subjects": [SIGNER]}, "material"),
        ({"kind": "trust-me"}, "kind"),
        ({"subjects": ["CN=a"]}, "subjects"),
        ({"material": "nothing"}, "material"),
        ({"name": "a/b"}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_what_makes_no_root_is_refused_with_the_field(admin: Client, change: dict[str, Any], field: str) -> None:
    reply = post(admin, ROOTS, **{**BODY, **change})
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, field), reply.json()
    assert not TrustRoot.objects.exists()


@pytest.mark.parametrize("field", ["material", "name", "scopes"])
def test_a_private_key_leaves_no_trace(admin: Client, field: str, caplog: pytest.LogCaptureFixture) -> None:
    private = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secret = private.decode().splitlines()[1]
    with caplog.at_level(logging.DEBUG):
        reply = post(admin, ROOTS, **{**BODY, field: [private.decode()] if field == "scopes" else private.decode()})
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, field)
    assert "burnt" in reply.json()["error"]["message"]
    assert secret not in reply.content.decode()
    assert secret not in caplog.text
    assert all(secret not in str(one.__dict__) for one in LogEntry.objects.all())
    assert not TrustRoot.objects.exists()


def test_a_root_is_disabled_and_enabled_and_the_trail_names_the_token(admin: Client) -> None:
    root = publishers()
    assert post(admin, f"{ROOTS}/payments/disable").json()["enabled"] is False
    assert post(admin, f"{ROOTS}/payments/enable").json()["enabled"] is True
    lines = LogEntry.objects.get_for_object(root).order_by("-pk")[:2]
    assert [(one.changes, one.additional_data["token"]) for one in lines] == [
        ({"enabled": ["False", "True"]}, "admin-token"),
        ({"enabled": ["True", "False"]}, "admin-token"),
    ]


def test_what_was_seen_is_forgotten_for_a_reason(admin: Client) -> None:
    publishers()
    forget = f"{ROOTS}/payments/forget"
    assert post(admin, forget, repository=WEB, reason=" ").json()["error"]["field"] == "reason"
    assert post(admin, forget, repository="x", reason="why").json()["error"]["field"] == "repository"
    assert post(admin, forget, repository="\x00", reason="why").status_code == 422
    assert post(admin, forget, repository=WEB, reason="why").json() == {
        "repository": WEB,
        "forgotten": "root 2, targets 7; 1 tag",
    }
    assert not TrustMemory.objects.exists()


@pytest.mark.parametrize("name", ["nobody", "%00", "9" * 300, "%ED%A0%80"])
def test_a_root_that_is_not_there_is_not_found(admin: Client, name: str) -> None:
    assert admin.get(f"{ROOTS}/{name}").status_code == 404
    assert admin.patch(f"{ROOTS}/{name}", {}, content_type="application/json").status_code == 404
    assert post(admin, f"{ROOTS}/{name}/enable").status_code == 404


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "a\x00b", "x" * 70_000])
def test_nothing_in_a_body_breaks_it(admin: Client, odd: str) -> None:
    publishers()
    for field, value in (
        ("name", odd), ("scopes", [odd]), ("material", odd), ("roles", [odd]), ("subjects", [odd]),
        ("server", {"address": odd}), ("server", {"address": "https://n.internal", "ca": odd}),
    ):  # fmt: skip
        body = {**BODY, "kind": "notary" if field == "server" else "cosign", field: value}
        assert post(admin, ROOTS, **body).status_code in {400, 422}, field
        if field != "name":
            assert patch(admin, "payments", **{field: value}).status_code in {400, 422}, field
