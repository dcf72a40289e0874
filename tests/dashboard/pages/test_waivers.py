"""A waiver's way through the pages: asked for by one person, approved by another, seen by everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard import queueing
from dashboard.roles import OPERATORS
from fleet.models import Finding, Host, Waiver
from tests.builders import NOW, OWNED, container
from tests.fleet.governance.test_waivers import raise_to
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

FORM = {
    "reason": "The vendor mends it in the next release.",
    "control": "Only the gateway reaches it, and it is watched.",
    "ticket": "https://tickets.internal/42",
    "until": (NOW + timedelta(days=7)).date().isoformat(),
}
WEB = container(labels={**OWNED, "loadline.service": "checkout"}, memory=0)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    hosts: list[object] = []
    monkeypatch.setattr(queueing.sweep_now, "apply_async", lambda **kwargs: hosts.append(kwargs))
    return hosts


def operator(name: str) -> Client:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name=OPERATORS))
    client = Client()
    client.force_login(user)
    return client


def ask_url() -> str:
    return f"/waivers/ask/{Finding.objects.get(rule='no-memory-limit').pk}/"


def test_one_asks_another_approves_and_the_finding_is_an_accepted_risk(viewer: Client) -> None:
    machine = swept(host_row(), WEB)
    anna, bert = operator("anna"), operator("bert")
    form = anna.get(ask_url()).content.decode()
    assert "checkout" in form
    made = anna.post(ask_url(), FORM, follow=True)
    assert "counts once somebody else has approved it" in made.content.decode()
    waiver = Waiver.objects.get()
    page = f"/waivers/{waiver.pk}/"
    refused = anna.post(page, {"note": "Fine by me."}, follow=True).content.decode()
    assert "somebody else has to approve it" in refused
    assert Waiver.objects.get().state == "requested"
    approved = bert.post(page, {"note": "Looked at the gateway."}, follow=True).content.decode()
    assert "Approved. It counts from the next sweep" in approved
    assert "Looked at the gateway." in approved
    swept(machine, WEB, now=NOW + timedelta(seconds=5))
    rule = viewer.get("/rules/no-memory-limit/?status=waived").content.decode()
    assert "checkout" in rule or "web" in rule
    service = viewer.get("/services/checkout/").content.decode()
    assert "ccepted" in service
    assert f'href="{page}"' in service


def test_approving_asks_for_a_sweep_of_the_hosts_it_is_about(asked: list[object]) -> None:
    swept(host_row(), WEB)
    operator("anna").post(ask_url(), FORM)
    assert not asked
    operator("bert").post(f"/waivers/{Waiver.objects.get().pk}/", {"note": ""})
    assert len(asked) == 1


def test_a_viewer_sees_no_button_that_would_be_refused(viewer: Client) -> None:
    swept(host_row(), WEB)
    operator("anna").post(ask_url(), FORM)
    page = viewer.get(f"/waivers/{Waiver.objects.get().pk}/").content.decode()
    assert "Approve" not in page
    assert FORM["control"] in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", "", "This field is required."),
        ("control", "none", "Say in a sentence what keeps the risk small meanwhile."),
        ("ticket", "OPS-42", "valid URL"),
        ("until", "2031-01-01", "days at most"),
        ("until", "2020-01-01", "lies in the past"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_the_rest_is_kept(field: str, value: str, sentence: str) -> None:
    swept(host_row(), WEB)
    page = operator("anna").post(ask_url(), {**FORM, field: value}).content.decode()
    assert sentence in page.replace("&#x27;", "'")
    kept = next(text for name, text in FORM.items() if name not in {field, "until"})
    assert kept in page
    assert not Waiver.objects.exists()


def test_rejected_by_another_with_a_word_it_is_over(viewer: Client) -> None:
    swept(host_row(), WEB)
    operator("anna").post(ask_url(), FORM)
    waiver = Waiver.objects.get()
    page = operator("bert").post(f"/waivers/{waiver.pk}/end/", {"reject": "1", "note": "Mend it."}, follow=True)
    assert "The waiver is rejected." in page.content.decode()
    assert "Mend it." in viewer.get(f"/waivers/{waiver.pk}/").content.decode()
    again = operator("carla").post(f"/waivers/{waiver.pk}/", {"note": ""}, follow=True).content.decode()
    assert "cannot be approved any more" in again


def test_the_list_has_what_waits_before_what_is_over(viewer: Client) -> None:
    swept(host_row(), WEB)
    empty = viewer.get("/waivers/").content.decode()
    assert "/findings/" in empty
    operator("anna").post(ask_url(), FORM)
    page = viewer.get("/waivers/").content.decode()
    assert f'href="/waivers/{Waiver.objects.get().pk}/"' in page
    assert "anna" in page


def test_a_heading_shows_its_first_waivers_and_has_the_others_on_pages_of_its_own(viewer: Client) -> None:
    swept(host_row(), WEB)
    operator("anna").post(ask_url(), FORM)
    first = Waiver.objects.get()
    for _ in range(60):
        first.pk = None
        first.save()

    def links(path: str) -> int:
        return len(re.findall(r'<td><a href="/waivers/\d+/"', viewer.get(path).content.decode()))

    assert Waiver.objects.count() == 61
    assert links("/waivers/") == 25
    assert ">36 more</a>" in viewer.get("/waivers/").content.decode()
    assert [links(f"/waivers/?heading=waiting&page={page}") for page in (1, 2)] == [50, 11]
    assert links("/waivers/?heading=ended") == links("/waivers/?heading=rows") == 25


def test_what_does_not_fail_any_more_leads_back_with_the_reason() -> None:
    machine = swept(host_row(), WEB)
    url = ask_url()
    swept(machine, container(labels={**OWNED, "loadline.service": "checkout"}), now=NOW + timedelta(seconds=5))
    page = operator("anna").post(url, FORM, follow=True)
    assert page.redirect_chain[-1][0] == "/findings/"
    assert "does not fail any more" in page.content.decode()


def approved(machine: Host) -> Waiver:
    """Asked for by Anna, approved by Bert, counted."""
    operator("anna").post(ask_url(), FORM)
    waiver = Waiver.objects.get()
    operator("bert").post(f"/waivers/{waiver.pk}/", {"note": ""})
    swept(machine, WEB, now=NOW + timedelta(seconds=5))
    return waiver


def test_why_it_covers_no_longer_what_became_graver_stands_on_its_page_and_in_the_audit(viewer: Client) -> None:
    machine = swept(host_row(), WEB)
    waiver = approved(machine)
    page = f"/waivers/{waiver.pk}/"
    assert "covers nothing any more" not in viewer.get(page).content.decode()
    raise_to("critical")
    swept(machine, WEB, now=NOW + timedelta(seconds=8))
    shown = viewer.get(page).content.decode()
    assert "It covers nothing any more." in shown
    assert "approved for what is high" in shown
    assert "is critical now" in shown
    listed = viewer.get("/waivers/").content.decode()
    assert "Outgrown" in listed
    assert "1 is critical now and high was accepted" in listed


def test_why_somebody_withdrew_it_stays_with_it_and_in_the_audit_trail(viewer: Client) -> None:
    waiver = approved(swept(host_row(), WEB))
    assert 'name="note"' not in viewer.get(f"/waivers/{waiver.pk}/").content.decode()
    carla = operator("carla")
    assert "Why withdraw it" in carla.get(f"/waivers/{waiver.pk}/").content.decode()
    note = "The vendor mended it early."
    page = carla.post(f"/waivers/{waiver.pk}/end/", {"withdraw": "1", "note": note}, follow=True).content.decode()
    assert "The waiver is withdrawn." in page
    assert note in viewer.get(f"/waivers/{waiver.pk}/").content.decode()
    entry = LogEntry.objects.filter(content_type__model="waiver", action=LogEntry.Action.UPDATE).latest("pk")
    assert (entry.actor.username, entry.changes["ended_note"][1]) == ("carla", note)
