"""Publishers as pages: read by everybody, registered and edited by admins after a look at what it would do."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from cryptography.hazmat.primitives import serialization
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.models import TrustDraft, TrustRoot, TrustTrial
from fleet.proving import preview_root
from tests.builders import NOW, OWNED, container
from tests.certificates import make_ca
from tests.fleet.trust.publishers import new_key, pem, public
from tests.fleet.trust.sigstores import Sigstore
from tests.publishers import HOST, KEY, OTHER, WEB, candidate, publishers
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
NEW = new_key()
SIGSTORE = Sigstore().pinned()
FORM = {"name": "team", "scopes": f"{HOST}/team/*\n{HOST}/web", "material": pem(NEW), "threshold": "1"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that works at once."""
    monkeypatch.setattr(
        queueing.preview_root, "apply_async", lambda kwargs, **_: preview_root(kwargs["draft"], now=NOW)
    )
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(**told: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("carla" if told else "vera", **told))
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in(is_staff=True)


@pytest.fixture
def viewer() -> Client:
    return signed_in()


def text(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def secret_key() -> tuple[str, str]:
    """A private key as PEM, and a line of it by which a trace of it would be known."""
    private = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), private.decode().splitlines()[1]


def test_without_any_publisher_the_page_says_what_to_do(admin: Client, viewer: Client) -> None:
    assert "Register a publisher" in text(admin, "/trust/roots/")
    page = text(viewer, "/trust/roots/")
    assert "No publisher yet" in page
    assert "/trust/roots/add/" not in page


def test_readers_see_publishers_and_versions_without_forms(viewer: Client) -> None:
    publishers()
    assert "payments" in text(viewer, "/trust/roots/")
    page = text(viewer, "/trust/roots/payments/")
    for forbidden in ("edit/", "disable/", "forget/", "fetch/", 'method="post" action="/trust'):
        assert forbidden not in page
    for wanted in (public(KEY).fingerprint, "version 2", WEB, "root 2, targets 7; 1 tag", "ann"):
        assert wanted in page


def test_a_new_publisher_is_shown_before_it_counts(admin: Client) -> None:
    swept(host_row(), container(labels=OWNED, image_reference=f"{HOST}/team/api:1"))
    page = admin.post("/trust/roots/add/", FORM, follow=True).content.decode()
    assert not TrustRoot.objects.exists()
    assert public(NEW).fingerprint in page
    assert "It would speak for 1 image name of 1 that run, in 1 container." in page
    assert f"{HOST}/team/api:1" in page
    draft = TrustDraft.objects.get()
    refused = admin.post(f"/trust/roots/draft/{draft.pk}/", {"act": "adopt"}).content.decode()
    assert "Compare the new fingerprints with the publisher first" in refused
    assert not TrustRoot.objects.exists()
    done = admin.post(f"/trust/roots/draft/{draft.pk}/", {"act": "adopt", "compared": "on"}, follow=True)
    assert done.redirect_chain[-1][0] == "/trust/roots/team/"
    made = TrustRoot.objects.get().versions.get()
    assert (made.number, made.author_name, made.document) == (1, "carla", draft.document)
    assert not TrustDraft.objects.exists()


def test_an_edit_shows_what_changes_and_asks_for_no_comparison_where_no_key_is_new(admin: Client) -> None:
    publishers()
    TrustDraft.objects.all().delete()
    form = {"scopes": f"{HOST}/payments/web", "material": pem(KEY), "server": "https://notary.internal"}
    page = admin.post(
        "/trust/roots/payments/edit/", {**form, "server_private": "on", "roles": "targets"}, follow=True
    ).content.decode()
    assert re.search(r"<del><code>registry.internal/payments/\*</code></del>", page)
    assert re.search(r"<ins><code>registry.internal/payments/web</code></ins>", page)
    assert 'name="compared"' not in page
    admin.post(f"/trust/roots/draft/{TrustDraft.objects.get().pk}/", {"act": "adopt"})
    assert TrustRoot.objects.get(name="payments").versions.count() == 3
    shown = text(admin, "/trust/roots/payments/?from=1&to=3")
    assert "From version 1" in shown
    assert "<ins><code>registry.internal/payments/web</code></ins>" in shown
    assert "not there" in text(admin, "/trust/roots/payments/?from=1&to=9")


def test_a_draft_that_somebody_overtook_is_not_taken_over(admin: Client) -> None:
    publishers()
    draft = TrustDraft.objects.get()
    TrustDraft.objects.filter(pk=draft.pk).update(based_on=1)
    assert "Somebody was faster" in text(admin, f"/trust/roots/draft/{draft.pk}/")
    page = admin.post(f"/trust/roots/draft/{draft.pk}/", {"act": "adopt", "compared": "on"}, follow=True)
    assert "made version 2 meanwhile" in page.content.decode()
    assert TrustRoot.objects.get(name="payments").versions.count() == 2


@pytest.mark.parametrize(
    ("kind", "change", "field", "why"),
    [
        ("cosign", {"scopes": "registry"}, "scopes", "is no scope"),
        ("cosign", {"scopes": ""}, "scopes", "Say for which images"),
        ("cosign", {"threshold": "2"}, "threshold", "choose one from 1 to 1"),
        ("cosign", {"threshold": "many"}, "threshold", "whole number"),
        ("cosign", {"material": ""}, "material", "no PEM block"),
        ("cosign", {"name": ""}, "name", "Give the publisher a name"),
        ("cosign", {"name": "fetch"}, "name", "neither add nor fetch"),
        ("cosign-keyless", {}, "identities", "Say who may sign"),
        ("cosign-keyless", {"identities": "somebody", "material": SIGSTORE}, "identities", "is no issuer"),
        ("cosign-keyless", {"identities": "https://a.example,ann@acme.example"}, "material", "no JSON"),
        ("notation", {}, "material", "no CERTIFICATE"),
        ("notation", {"material": make_ca().pem, "identities": "somebody"}, "identities", "CN=release"),
        ("notary", {"server": "http://notary.internal"}, "server", "say so apart, or write https"),
        ("notary", {"server": "notary.internal"}, "server", "write https://"),
        ("notary", {"server": "https://n.internal", "roles": "root"}, "roles", "targets/releases"),
        ("notary", {"server": "https://n.internal", "server_ca": "x"}, "server_ca", "no PEM block"),
    ],
)
def test_an_error_names_the_field_and_the_remedy(
    admin: Client, kind: str, change: dict[str, str], field: str, why: str
) -> None:
    page = admin.post(f"/trust/roots/add/?kind={kind}", {**FORM, **change}).content.decode()
    found = re.search(rf'id="id_{field}_error">([^<]*)', page)
    assert found, page
    assert why in found[1]
    assert not TrustDraft.objects.exists()


KEYLESS = {"name": "web", "scopes": f"{HOST}/web", "identities": "https://a.example,ann@acme.example", "threshold": "1"}


def test_the_public_sigstore_is_pinned_by_a_box(admin: Client) -> None:
    assert 'name="public_good"' not in text(admin, "/trust/roots/add/?kind=cosign")
    assert 'name="public_good"' in text(admin, "/trust/roots/add/?kind=cosign-keyless")
    admin.post("/trust/roots/add/?kind=cosign-keyless", {**KEYLESS, "public_good": "on"})
    assert "rekor.sigstore.dev" in str(TrustDraft.objects.get().document["material"])


def test_the_public_sigstore_beside_a_file_or_without_its_package_says_what_to_do(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SimpleUploadedFile("trusted_root.json", SIGSTORE.encode())
    both = {**KEYLESS, "public_good": "on", "file": file}
    assert "take one of them" in admin.post("/trust/roots/add/?kind=cosign-keyless", both).content.decode()
    monkeypatch.setitem(sys.modules, "sigstore", None)
    shown = admin.post("/trust/roots/add/?kind=cosign-keyless", {**KEYLESS, "public_good": "on"}).content.decode()
    assert "pip install -r requirements-keyless.txt" in shown
    assert not TrustDraft.objects.exists()


def test_what_was_entered_right_stands_there_again_and_nothing_around_a_key(admin: Client) -> None:
    page = admin.post("/trust/roots/add/", {**FORM, "material": f"hunter2\n{pem(NEW)}", "scopes": "x"}).content.decode()
    assert pem(NEW).splitlines()[1] in page
    assert "hunter2" not in page
    page = admin.post("/trust/roots/add/", {**FORM, "material": "hunter2"}).content.decode()
    assert "hunter2" not in page


def test_a_file_takes_the_place_of_the_text(admin: Client) -> None:
    file = SimpleUploadedFile("cosign.pub", pem(NEW).encode())
    admin.post("/trust/roots/add/", {**FORM, "material": "", "file": file})
    assert TrustDraft.objects.get().document["material"] == pem(NEW)
    TrustDraft.objects.all().delete()
    for content, why in ((b"\x30\x59\xff", "not text"), (b"x" * 70_000, "larger than 64 KiB")):
        page = admin.post("/trust/roots/add/", {**FORM, "file": SimpleUploadedFile("k", content)}).content.decode()
        assert why in page
    assert not TrustDraft.objects.exists()


@pytest.mark.parametrize("field", ["material", "scopes", "name", "file", "csrfmiddlewaretoken", "anything"])
def test_a_private_key_leaves_no_trace(admin: Client, field: str, caplog: pytest.LogCaptureFixture) -> None:
    private, secret = secret_key()
    entered: Any = SimpleUploadedFile("key", private.encode()) if field == "file" else private
    with caplog.at_level(logging.DEBUG):
        page = admin.post("/trust/roots/add/", {**FORM, field: entered}).content.decode()
    assert "burnt" in page
    assert secret not in page
    assert secret not in caplog.text
    assert all(secret not in str(one.get_decoded()) for one in Session.objects.all())
    assert all(secret not in str(one.__dict__) for one in LogEntry.objects.all())
    assert not TrustDraft.objects.exists()
    assert not TrustRoot.objects.exists()


def test_a_private_key_as_the_certificates_of_a_server_leaves_no_trace_either(admin: Client) -> None:
    private, secret = secret_key()
    form = {**FORM, "server": "https://notary.internal", "server_ca": private}
    page = admin.post("/trust/roots/add/?kind=notary", form).content.decode()
    assert "burnt" in page
    assert secret not in page
    assert not TrustDraft.objects.exists()


def test_a_publisher_is_disabled_and_enabled_after_a_word(admin: Client) -> None:
    publishers()
    assert "speaks for nothing" in text(admin, "/trust/roots/payments/disable/")
    assert TrustRoot.objects.get(name="payments").enabled
    admin.post("/trust/roots/payments/disable/")
    assert not TrustRoot.objects.get(name="payments").enabled
    assert "disabled, speaks for nothing" in text(admin, "/trust/roots/")
    admin.post("/trust/roots/payments/enable/")
    assert TrustRoot.objects.get(name="payments").enabled
    trail = text(admin, "/trust/roots/payments/")
    assert "enabled" in trail[trail.index("Who changed what") :]


def test_the_last_changes_are_told_also_of_what_is_gone_and_without_secrets(admin: Client) -> None:
    publishers()
    admin.post("/trust/roots/payments/disable/")
    admin.post(f"/trust/registries/{HOST}/remove/")
    page = text(admin, "/trust/roots/")
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page[page.index("Who changed what") :]))
    for line in (
        f"{HOST} removed just now by carla",
        "payments just now by carla: enabled yes→no",
        f"{HOST} just now by a command: password entered",
        "payments, version 2 made just now by a command",
        "payments registered just now by a command",
    ):
        assert line in told, told[:2000]
    assert "hunter2" not in page


def test_without_a_queue_a_draft_says_so_and_can_be_taken_over_all_the_same(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(queueing.preview_root, "apply_async", away)
    page = admin.post("/trust/roots/add/", FORM, follow=True).content.decode()
    assert "The queue does not answer" in page
    assert "without knowing" in page
    draft = TrustDraft.objects.get()
    admin.post(f"/trust/roots/draft/{draft.pk}/", {"act": "adopt", "compared": "on"})
    assert TrustRoot.objects.get().name == "team"


def test_a_draft_waits_is_asked_for_again_is_changed_and_is_forgotten(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing.preview_root, "apply_async", lambda **_: None)
    page = admin.post("/trust/roots/add/", FORM, follow=True).content.decode()
    assert "Looking at what runs" in page
    assert 'http-equiv="refresh"' in page
    draft = TrustDraft.objects.get()
    address = f"/trust/roots/draft/{draft.pk}/"
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        assert "Are they running?" in text(admin, address)
        admin.post(address, {"act": "preview"})
        assert "Looking at what runs" in text(admin, address)
    again = text(admin, f"/trust/roots/add/?draft={draft.pk}&kind=cosign")
    assert 'value="team"' in again
    assert pem(NEW).splitlines()[1] in again
    admin.post(address, {"act": "forget"})
    assert not TrustDraft.objects.exists()


def test_an_old_version_can_be_gone_back_to_as_a_new_one(admin: Client) -> None:
    publishers()
    page = text(admin, "/trust/roots/payments/edit/?from=1")
    assert f"{HOST}/ledger/web" not in page
    assert f"{HOST}/ledger/web" in text(admin, "/trust/roots/payments/edit/")


def test_confirmed_candidates_stand_in_the_form_and_others_do_not(admin: Client) -> None:
    trial = candidate(None, public(OTHER))
    line = pem(OTHER).splitlines()[1]
    assert line not in text(admin, f"/trust/roots/add/?candidate={trial.pk}&kind=notary")
    TrustTrial.objects.filter(pk=trial.pk).update(confirmed=[public(OTHER).fingerprint])
    page = text(admin, f"/trust/roots/add/?candidate={trial.pk}")
    assert line in page
    assert "https://notary.internal" in page
    root = publishers()
    assert line not in text(admin, f"/trust/roots/{root.name}/edit/?candidate={trial.pk}")


@pytest.mark.parametrize("name", ["nobody", "%00", "a%00b", "9" * 300])
def test_a_publisher_that_is_not_there_is_not_found(admin: Client, name: str) -> None:
    for page in ("", "edit/", "enable/", "disable/", "forget/?repository=x"):
        assert admin.get(f"/trust/roots/{name}/{page}").status_code == 404


def test_many_versions_are_shown_in_pages(admin: Client) -> None:
    root = publishers()
    version = root.versions.get(number=2)
    for number in range(3, 45):
        version.pk, version.number, version._state.adding = None, number, True
        version.save()
    first, second = text(admin, "/trust/roots/payments/"), text(admin, "/trust/roots/payments/?page=2")
    assert "?from=43&amp;to=44" in first
    assert "?page=2" in first
    assert "?from=13&amp;to=14" in second
    assert "registered" in second
    assert admin.get("/trust/roots/payments/?page=9").status_code == 404
