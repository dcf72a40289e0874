"""Fix next, changes and evidence: every number is a link, and every list says what to do when it is empty."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from dashboard import queueing
from dashboard.roles import OPERATORS
from fleet.assessment.flips import TrustTurn, note_trust
from fleet.evidence import pack_waits
from fleet.evidence.packing import NothingToProveError
from fleet.models import EvidencePack, Service
from fleet.models.evidence_pack import MAKING
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


@pytest.fixture(autouse=True)
def _worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that works at once."""
    monkeypatch.setattr(queueing.make_pack, "apply_async", lambda kwargs, **_: queueing.make_pack(**kwargs))


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


def test_changes_tell_what_is_proven_of_an_image_otherwise_than_before(viewer: Client) -> None:
    swept(host_row(), WEB)
    name = "registry.internal/web:1.4"
    turn = TrustTurn(
        Service.objects.get().pk, name, "verified", "unknown-publisher", "Signed by nobody who is registered."
    )
    note_trust([turn], now=NOW)
    page = text(viewer, "/changes/?kind=trust")
    assert f"Trust in {name}" in page
    assert re.search(r"verified</span>.*→.*unknown-publisher</span>", page)
    assert "Signed by nobody who is registered." in page
    assert "no-memory-limit" not in page
    rows = list(csv.DictReader(io.StringIO(text(viewer, "/changes/?format=csv"))))
    assert [(row["kind"], row["service"], row["about"]) for row in rows if row["about"]] == [
        ("trust", "checkout", name)
    ]


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
    assert pack.digest in made.content.decode()
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
    assert "Not all of it is judged by what is named above." in made
    swept(machine, WEB, now=NOW + timedelta(seconds=5))
    made = operator.post("/evidence/make/", {"of": "fleet"}, follow=True).content.decode()
    assert "Not all of it" not in made


def test_while_a_pack_is_being_made_its_page_waits_and_the_list_says_so(
    operator: Client, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept(host_row(), WEB)
    monkeypatch.setattr(queueing.make_pack, "apply_async", lambda **_: None)
    page = operator.post("/evidence/make/", {"of": "fleet"}, follow=True).content.decode()
    pack = EvidencePack.objects.get()
    path = f"/evidence/{pack.pk}/"
    assert "It waits for its turn" in page
    assert "Waits for its turn" in text(viewer, "/evidence/")
    EvidencePack.objects.update(made_at=NOW - timedelta(hours=1))
    lost = text(viewer, path)
    assert "No worker has begun with it" in lost
    assert 'http-equiv="refresh"' not in lost
    pack_waits(pack.pk, now=timezone.now())
    assert "It waits for its turn" in text(viewer, path)
    for begun, told in ((timezone.now(), "It is being made"), (NOW - timedelta(hours=1), "has gone")):
        EvidencePack.objects.update(state=MAKING, summary={"at": begun.isoformat()})
        assert told in text(viewer, f"{path}pack.pdf")
        assert ('http-equiv="refresh"' in text(viewer, path)) == (told != "has gone")
    queueing.make_pack(pack=pack.pk)
    assert EvidencePack.objects.get().digest in text(viewer, f"/evidence/{pack.pk}/")


def test_without_a_queue_a_pack_is_made_at_once(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise OSError("disk full")

    swept(host_row(), WEB)
    monkeypatch.setattr(queueing.make_pack, "apply_async", away)
    page = operator.post("/evidence/make/", {"of": "service:checkout"}, follow=True).content.decode()
    assert EvidencePack.objects.get().digest in page


def test_what_went_before_a_worker_came_is_no_pack_and_the_page_says_why(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = swept(host_row(), WEB)
    monkeypatch.setattr(queueing.make_pack, "apply_async", lambda **_: None)
    operator.post("/evidence/make/", {"of": "service:checkout"})
    pack = EvidencePack.objects.get()
    swept(machine, now=NOW + timedelta(seconds=5))
    with pytest.raises(NothingToProveError):
        queueing.make_pack(pack=pack.pk)
    assert "Nothing of checkout runs in a container any more." in text(operator, f"/evidence/{pack.pk}/")
