"""The policy's way through the pages: a draft, what it would change, and adopting it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dashboard import queueing
from dashboard.previews import NOT_TAKEN_AFTER, SILENT_AFTER
from fleet.foresight.preview import preview_draft
from fleet.governance.policy import in_force, plain
from fleet.models import PolicyVersion, Service
from fleet.readiness.policy import Policy
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after", "_queue")]

LENIENT = "allowed_registries: [registry.internal]\nseverities:\n  no-memory-limit:\n    - severity: low\n"


@pytest.fixture
def _queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that works at once."""
    monkeypatch.setattr(queueing.sweep_now, "apply_async", lambda **_kwargs: None)
    monkeypatch.setattr(
        queueing.preview_draft, "apply_async", lambda kwargs, **_: preview_draft(kwargs["version"], now=NOW)
    )


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("root", is_staff=True))
    return client


def drafted(admin: Client, text: str = LENIENT) -> str:
    made = admin.post("/policy/edit/", {"yaml": text, "note": "Small tools need none."}, follow=True)
    return made.content.decode()


def test_a_draft_names_the_services_that_would_change_and_changes_none(admin: Client) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, memory=0))
    page = drafted(admin)
    assert "1 service of 1 would change verdict." in page
    assert 'href="/services/checkout/"' in page
    assert "Small tools need none." in page
    assert (Service.objects.get().verdict, in_force().version) == ("at-risk", None)


def test_what_the_draft_says_is_what_adopting_it_does(admin: Client) -> None:
    machine = swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, memory=0))
    drafted(admin)
    version = PolicyVersion.objects.get()
    (row,) = version.preview["services"]
    admin.post(f"/policy/{version.pk}/adopt/")
    swept(machine, container(labels={**OWNED, "loadline.service": "checkout"}, memory=0))
    assert Service.objects.get().verdict == row["after"] == "ready"
    assert in_force().version == version.pk
    assert "root" in admin.get("/policy/").content.decode()


def test_a_draft_that_changes_nothing_says_so(admin: Client) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}))
    assert "None of 1 service would change verdict." in drafted(admin)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("severities: [", "line 2, column 1"),
        ("registries: []\n", "registries"),
        ("severities:\n  no-such-rule:\n    - severity: low\n", "there is no rule of that name"),
        ("thresholds:\n  pillar_score: 400\n", "pillar_score"),
        ("- a list\n", "must be a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_text_is_kept(admin: Client, text: str, sentence: str) -> None:
    page = admin.post("/policy/edit/", {"yaml": text, "note": "x"}).content.decode()
    assert sentence in page
    assert text.strip().splitlines()[-1].strip() in page
    assert not PolicyVersion.objects.exists()


def test_a_file_takes_the_place_of_the_text(admin: Client) -> None:
    file = SimpleUploadedFile("policy.yaml", LENIENT.encode())
    admin.post("/policy/edit/", {"yaml": "not: read", "note": "From git.", "file": file})
    assert "no-memory-limit" in PolicyVersion.objects.get().document["severities"]


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\xff\xfe\x00", "is not text"), (b"#" * 300_000, "larger than 256 KiB")]
)
def test_a_file_that_is_no_policy_is_refused(admin: Client, content: bytes, sentence: str) -> None:
    file = SimpleUploadedFile("policy.yaml", content)
    assert sentence in admin.post("/policy/edit/", {"note": "x", "file": file}).content.decode()


def test_what_is_exported_can_be_imported_and_is_the_same(admin: Client) -> None:
    drafted(admin)
    version = PolicyVersion.objects.get()
    exported = admin.get(f"/policy/{version.pk}/policy.yaml")
    assert f"loadline-policy-{version.pk}.yaml" in exported["Content-Disposition"]
    assert yaml.safe_load(exported.content)["severities"]["no-memory-limit"][0]["severity"] == "low"
    drafted(admin, exported.content.decode())
    first, second = PolicyVersion.objects.order_by("pk")
    assert first.document == second.document


def test_the_schema_knows_every_part_of_the_policy(admin: Client) -> None:
    schema = json.loads(admin.get("/policy/schema.json").content)
    exported = yaml.safe_load(admin.get("/policy/0/policy.yaml").content)
    text = json.dumps(schema)
    assert all(f'"{part}"' in text for part in exported)


def test_an_older_version_can_be_gone_back_to(admin: Client) -> None:
    drafted(admin)
    first = PolicyVersion.objects.get()
    admin.post(f"/policy/{first.pk}/adopt/")
    drafted(admin, "thresholds:\n  pillar_score: 60\n")
    admin.post(f"/policy/{PolicyVersion.objects.latest('pk').pk}/adopt/")
    assert "no-memory-limit" in admin.get(f"/policy/edit/?from={first.pk}").content.decode()
    assert f'href="/policy/edit/?from={first.pk}"' in admin.get(f"/policy/{first.pk}/").content.decode()


def test_what_was_not_previewed_cannot_be_adopted(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing.preview_draft, "apply_async", lambda **_: None)
    page = drafted(admin)
    assert "Adopt it" not in page
    version = PolicyVersion.objects.get()
    refused = admin.post(f"/policy/{version.pk}/adopt/", follow=True).content.decode()
    assert "has to be worked out before it can be adopted" in refused
    assert in_force().version is None


@pytest.mark.parametrize(
    ("state", "late", "told"),
    [
        ("running", SILENT_AFTER, "stopped before the end"),
        ("", NOT_TAKEN_AFTER, "No worker has begun with it"),
    ],
)
def test_a_preview_whose_worker_was_killed_counts_as_failed_and_is_tried_again(
    admin: Client, state: str, late: timedelta, told: str
) -> None:
    drafted(admin)
    version = PolicyVersion.objects.get()
    rows = PolicyVersion.objects.filter(pk=version.pk)
    for extra, failed in ((timedelta(0), False), (timedelta(seconds=1), True)):
        since = timezone.now() - late - extra
        rows.update(preview_state=state, preview={"done": 1, "total": 2, "at": since.isoformat()})
        page = admin.get(f"/policy/{version.pk}/").content.decode()
        assert (told in page, "Work it out again" in page) == (failed, failed)
        assert ('http-equiv="refresh"' in page) is not failed
    again = admin.post(f"/policy/{version.pk}/preview/", follow=True).content.decode()
    assert "Adopt it" in again


def test_a_draft_that_nobody_was_asked_to_preview_is_told_by_its_own_age(admin: Client) -> None:
    draft = PolicyVersion.objects.create(document=plain(Policy()), created_at=timezone.now() - NOT_TAKEN_AFTER)
    assert "Waiting for its turn" in admin.get(f"/policy/{draft.pk}/").content.decode()
    PolicyVersion.objects.update(created_at=timezone.now() - NOT_TAKEN_AFTER - timedelta(seconds=1))
    assert "Work it out again" in admin.get(f"/policy/{draft.pk}/").content.decode()


def test_a_preview_is_worth_nothing_once_another_policy_is_in_force(admin: Client) -> None:
    drafted(admin)
    drafted(admin, "thresholds:\n  pillar_score: 60\n")
    second, first = PolicyVersion.objects.all()
    admin.post(f"/policy/{first.pk}/adopt/")
    page = admin.get(f"/policy/{second.pk}/").content.decode()
    assert "Another policy has come into force since" in page
    assert "Adopt it" not in page
    admin.post(f"/policy/{second.pk}/adopt/")
    assert in_force().version == first.pk
    again = admin.post(f"/policy/{second.pk}/preview/", follow=True).content.decode()
    assert "Adopt it" in again
    admin.post(f"/policy/{second.pk}/adopt/")
    assert in_force().version == second.pk


def test_a_document_that_was_changed_after_its_preview_is_not_adopted(admin: Client) -> None:
    drafted(admin)
    version = PolicyVersion.objects.get()
    version.document["thresholds"]["pillar_score"] = 1
    version.save()
    refused = admin.post(f"/policy/{version.pk}/adopt/", follow=True).content.decode()
    assert "not the one that this was worked out for" in refused
    assert in_force().version is None


def test_without_a_queue_the_page_says_so_and_it_can_be_tried_again(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(queueing.preview_draft, "apply_async", away)
        page = drafted(admin)
    assert "It could not be worked out: the queue does not answer." in page
    assert 'http-equiv="refresh"' not in page
    assert "Work it out again" in page
    again = admin.post(f"/policy/{PolicyVersion.objects.get().pk}/preview/", follow=True).content.decode()
    assert "Adopt it" in again
