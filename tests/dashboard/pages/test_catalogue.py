"""Entering, changing, importing and exporting services in the browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.roles import OPERATORS
from fleet.catalogue import Entry, enter
from fleet.counting import count_all
from fleet.models import Service
from tests.builders import NOW, container
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]
TYPED = {
    "name": "checkout", "team": "payments", "tier": "1", "stage": "production", "runbook": "https://wiki.internal/co",
    "oncall": "payments@acme.example", "source_url": "https://git.internal/co",
}  # fmt: skip


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("olga")
    user.groups.add(Group.objects.get_or_create(name=OPERATORS)[0])
    client.force_login(user)
    return client


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.mark.parametrize("path", ["/catalogue/add/", "/catalogue/entry/web/", "/catalogue/entry/web/remove/"])
def test_a_viewer_may_not_change_it(viewer: Client, path: str) -> None:
    enter(Entry(name="web"), by="anna", now=NOW)
    assert viewer.get(path).status_code == 403
    assert viewer.post(path, TYPED).status_code == 403
    assert b"Enter a service" not in viewer.get("/catalogue/").content


def test_only_admins_import(operator: Client) -> None:
    assert operator.get("/catalogue/import/").status_code == 403


def test_a_service_is_entered_and_shown_with_its_links(operator: Client) -> None:
    answer = operator.post("/catalogue/add/", TYPED)
    assert answer["Location"] == "/services/checkout/"
    page = operator.get("/services/checkout/").content.decode()
    assert 'href="https://wiki.internal/co"' in page
    assert 'href="mailto:payments@acme.example"' in page
    assert "tier 1" in page
    assert "declared production" in page
    assert "by olga" in page
    listed = operator.get("/catalogue/").content.decode()
    assert "declared" in listed
    assert 'href="https://git.internal/co"' in listed


def test_what_is_wrong_stands_beside_its_field(operator: Client) -> None:
    page = operator.post("/catalogue/add/", {**TYPED, "runbook": "javascript:alert(1)"}).content.decode()
    assert 'href="#id_runbook"' in page
    assert "begins with https://" in page
    assert not Service.objects.exists()


def test_a_rota_that_is_no_address_is_no_link(operator: Client) -> None:
    operator.post("/catalogue/add/", {**TYPED, "oncall": "javascript:alert(1)"})
    page = operator.get("/services/checkout/").content.decode()
    assert "On call: javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_a_change_is_shown_with_who_made_it(operator: Client) -> None:
    enter(Entry(name="checkout", tier="2"), by="anna", now=NOW)
    assert operator.post("/catalogue/entry/checkout/", TYPED)["Location"] == "/services/checkout/"
    page = operator.get("/catalogue/entry/checkout/").content.decode()
    assert "by olga" in page
    assert 'value="payments"' in page
    assert Service.objects.get().tier == 1


def test_an_entry_is_removed_and_one_in_containers_says_why_not(operator: Client) -> None:
    enter(Entry(name="gone"), by="anna", now=NOW)
    assert b"Remove this service" in operator.get("/catalogue/entry/gone/remove/").content
    operator.post("/catalogue/entry/gone/remove/")
    assert not Service.objects.exists()
    swept(host_row(), container(labels={"loadline.service": "web"}))
    asked = operator.get("/catalogue/entry/web/remove/").content
    assert b"It still has containers" in asked
    assert b"Remove this service" not in asked
    page = operator.post("/catalogue/entry/web/remove/", follow=True).content
    assert b"web has 1 container" in page


def test_a_file_is_previewed_and_then_stored(admin: Client) -> None:
    enter(Entry(name="web", tier="2"), by="anna", now=NOW)
    text = "name,tier,runbook\nweb,1,\nnew,3,https://wiki.internal/new\nbad,high,\n"
    page = admin.post("/catalogue/import/", {"file": SimpleUploadedFile("a.csv", text.encode())}).content.decode()
    assert "<b>1</b> new, <b>1</b> changed, <b>0</b> unchanged, <b>1</b> rejected" in page
    assert "a number from 1" in page
    assert Service.objects.get().tier == 2
    page = admin.post("/catalogue/import/", {"text": text, "confirm": "1"}).content.decode()
    assert "Done:" in page
    assert dict(Service.objects.values_list("name", "tier")) == {"web": 1, "new": 3}


def test_a_file_with_bytes_of_another_encoding_is_told_by_line_and_not_lost(admin: Client) -> None:
    data = "name,team\na,Mün\n".encode("latin-1") + b"b,\n"
    page = admin.post("/catalogue/import/", {"file": SimpleUploadedFile("a.csv", data)}).content.decode()
    assert "save the file as CSV UTF-8" in page
    assert "<b>1</b> rejected" in page


def test_the_export_is_what_the_import_takes(admin: Client) -> None:
    enter(Entry(name="web", tier="2"), by="anna", now=NOW)
    answer = admin.get("/catalogue/catalogue.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="catalogue.csv"'
    page = admin.post("/catalogue/import/", {"text": answer.content.decode()}).content.decode()
    assert "<b>0</b> new, <b>0</b> changed, <b>1</b> unchanged, <b>0</b> rejected" in page
    assert "Store them" not in page


def test_filters_find_what_lacks_something(viewer: Client) -> None:
    enter(Entry(name="full", tier="1", runbook="https://wiki/x", team="a"), by="anna", now=NOW)
    enter(Entry(name="bare", stage="production"), by="anna", now=NOW)
    swept(host_row(), container(labels={"loadline.service": "seen"}))
    count_all(NOW)

    def rows(query: str) -> int:
        return read(viewer.get(f"/catalogue/?{query}").content.decode()).rows

    assert [rows(query) for query in ("", "missing=tier", "tier=1", "origin=empty", "origin=found", "q=ba")] == [
        3, 2, 1, 2, 1, 1,
    ]  # fmt: skip
    assert rows("stage=production") == 2  # by evidence, and by what was declared
    assert rows("stage=production&missing=runbook") == 2


def test_an_empty_catalogue_offers_a_viewer_nothing_that_is_refused(viewer: Client) -> None:
    page = viewer.get("/catalogue/").content.decode()
    assert "No service yet" in page
    assert 'href="/catalogue/add/"' not in page


def test_an_empty_catalogue_says_what_to_do(operator: Client) -> None:
    page = operator.get("/catalogue/").content.decode()
    assert "No service yet" in page
    assert 'href="/catalogue/add/"' in page
