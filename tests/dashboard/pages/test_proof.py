"""Fix next, changes and evidence: every number is a link, and every list says what to do when it is empty."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pypdf import PdfReader

from dashboard.roles import OPERATORS
from fleet.models import EvidencePack, Service
from tests.builders import NOW, OWNED, container
from tests.fleet.governance.test_waivers import raise_to
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

COMPOSE = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
WEB = container(labels={**OWNED, **COMPOSE, "loadline.service": "checkout"}, memory=0)


@pytest.fixture
def operator() -> Client:
    user = User.objects.create_user("olga")
    user.groups.add(Group.objects.get(name=OPERATORS))
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return reply.content.decode()


def test_fix_next_has_what_to_type_with_the_real_names(viewer: Client) -> None:
    swept(host_row(), WEB)
    assert 'href="/fix-next/no-memory-limit/' in text(viewer, "/fix-next/")
    page = text(viewer, "/fix-next/no-memory-limit/")
    assert "compose.override.yaml of the project shop" in page
    assert "web on prod-01" in page
    assert "checkout" in page


def test_fix_next_with_nothing_below_the_line_says_so(viewer: Client) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}))
    assert "/fix-next/no-memory-limit/" not in text(viewer, "/fix-next/")


def test_changes_tell_what_flipped_and_what_came_with_it(viewer: Client) -> None:
    machine = swept(host_row(), container(labels=WEB.labels), now=NOW - timedelta(minutes=10))
    assert "no-memory-limit" not in text(viewer, "/changes/")
    swept(machine, WEB)
    page = text(viewer, "/changes/")
    assert 'href="/rules/no-memory-limit/"' in page
    assert 'href="/services/checkout/"' in page
    assert "no-memory-limit" in text(viewer, "/changes/?way=worse")
    assert "no-memory-limit" not in text(viewer, "/changes/?way=better")
    assert "no-memory-limit" in text(viewer, "/services/checkout/")
    sheet = viewer.get("/changes/?format=csv")
    assert sheet["Content-Type"].startswith("text/csv")
    assert b"no-memory-limit" in sheet.content


def test_a_pack_is_made_seen_worked_out_again_and_handed_out(operator: Client, viewer: Client) -> None:
    swept(host_row(), WEB)
    assert "Nothing" not in text(viewer, "/evidence/")[:0]
    made = operator.post("/evidence/make/", {"of": "service:checkout"}, follow=True)
    pack = EvidencePack.objects.get()
    assert (pack.maker, pack.scope, pack.name) == ("olga", "service", "checkout")
    assert "The pack is made and will stay as it is." in made.content.decode()
    page = text(viewer, f"/evidence/{pack.pk}/?verify=1")
    assert "Reproduced." in page
    assert pack.digest in page
    pdf = viewer.get(f"/evidence/{pack.pk}/pack.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert "checkout" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    document = json.loads(viewer.get(f"/evidence/{pack.pk}/pack.json").content)
    assert document["services"][0]["verdict"] == Service.objects.get().verdict
    sarif = json.loads(viewer.get(f"/evidence/{pack.pk}/pack.sarif").content)
    assert sarif["version"] == "2.1.0"
    assert viewer.get(f"/evidence/{pack.pk}/pack.csv").content.startswith(b"status,severity,rule")
    assert viewer.get(f"/evidence/{pack.pk}/pack.exe").status_code == 404


def test_of_nothing_there_is_no_pack_and_the_page_says_why(operator: Client) -> None:
    page = operator.post("/evidence/make/", {"of": "fleet"}, follow=True).content.decode()
    assert "Nothing of the fleet runs in a container." in page
    assert operator.post("/evidence/make/", {"of": "planet:mars"}).status_code == 404


def test_a_pack_that_was_altered_says_so_and_is_not_shown(operator: Client) -> None:
    swept(host_row(), WEB)
    operator.post("/evidence/make/", {"of": "fleet"})
    pack = EvidencePack.objects.get()
    EvidencePack.objects.update(digest="0" * 64)
    for path in (f"/evidence/{pack.pk}/", f"/evidence/{pack.pk}/pack.json"):
        page = operator.get(path, follow=True)
        assert "not what was made" in page.content.decode()
        assert page.redirect_chain[-1][0] == "/evidence/"


def test_a_pack_made_right_after_adopting_a_policy_says_by_what_it_is_judged(operator: Client) -> None:
    machine = swept(host_row(), WEB)
    raise_to("critical")
    made = operator.post("/evidence/make/", {"of": "fleet"}, follow=True).content.decode()
    assert "1 host in it had not been judged by the policy in force yet" in made
    assert "Not all of it is judged by what is named above." in made
    swept(machine, WEB, now=NOW + timedelta(seconds=5))
    made = operator.post("/evidence/make/", {"of": "fleet"}, follow=True).content.decode()
    assert "The pack is made and will stay as it is." in made
    assert "Not all of it" not in made
