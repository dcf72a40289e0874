"""The list of findings: opens on what fails, its counts add up, and it has what the API has."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from fleet.models import ApiToken, Finding
from fleet.models.answers import Answers
from tests.builders import NOW, OWNED, container, host, snapshot
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

WEB = container(labels={**OWNED, "loadline.service": "checkout"}, memory=0)
SEGMENT = re.compile(r'<a href="([^"]*)"( aria-current="true")?>([\w ]+?) <small>([\d\u202f]+)</small></a>')


def text(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return reply.content.decode()


def segments(client: Client, path: str) -> dict[str, tuple[str, bool, int]]:
    """By word: where it leads, whether it is on, and its count."""
    found = SEGMENT.findall(text(client, path))
    return {
        word: (href.replace("&amp;", "&"), bool(now), int(count.replace("\u202f", "")))
        for href, now, word, count in found
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rule=no-memory-limit&status=fail", True),
        ("rule=no-memory-limit&status=pass", False),
        ("service=checkout&severity=high", True),
        ("service=checkout&severity=critical", False),
        ("q=memory", True),
    ],
)
def test_findings_are_narrowed_by_everything(viewer: Client, query: str, found: bool) -> None:
    swept(host_row(), WEB)
    assert ('href="/rules/no-memory-limit/' in text(viewer, f"/findings/?{query}")) is found


def test_it_opens_on_what_fails_and_says_so(viewer: Client) -> None:
    swept(host_row(), WEB)
    page = text(viewer, "/findings/")
    failing, total = Finding.objects.failing().count(), Answers().count()
    assert read(page).count == (failing, total)
    assert '<option value="fail" selected>' in page
    assert "Status: <b>Fails</b>" in page
    assert read(text(viewer, "/findings/?rule=no-memory-limit&status=")).count == (1, total)


def test_everything_can_be_asked_for(viewer: Client) -> None:
    swept(host_row(), WEB)
    page = text(viewer, "/findings/?status=any")
    assert read(page).count == (Answers().count(), Answers().count())
    assert "Status: <b>" not in page
    off = next(link.href for link in read(text(viewer, "/findings/")).links if "Status:" in link.words)
    assert off == "?status=any"


@pytest.mark.parametrize("query", ["", "?pillar=network", "?service=checkout&status=pass", "?q=memory&status=any"])
def test_the_counts_are_those_of_the_lists_and_add_up(viewer: Client, query: str) -> None:
    swept(host_row(team="platform"), WEB)
    shown = segments(viewer, f"/findings/{query}")
    assert sum(count for word, (_, _, count) in shown.items() if word != "Any") == shown["Any"][2]
    for word, (href, _, count) in shown.items():
        listed = read(text(viewer, f"/findings/{href}")).count
        assert (listed or (0,))[0] == count, word
    assert [word for word, (_, now, _) in shown.items() if now] != []


def test_a_team_has_its_services_findings_and_its_hosts_own_here_and_in_the_api(viewer: Client) -> None:
    plain = host(warnings=("WARNING: API is accessible on http://0.0.0.0:2375 without encryption.",))
    swept(host_row(team="platform"), seen=snapshot(WEB, host=plain))
    team = container(id="c" * 64, name="b", labels={**OWNED, "loadline.team": "platform", "loadline.service": "dns"})
    swept(host_row("b", team="payments"), team)
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=NOW)
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    for name in ("platform", "payments"):
        listed = read(text(viewer, f"/findings/?status=any&team={name}")).count
        rows = api.get(f"/api/v1/findings?limit=500&team={name}").json()
        assert rows["next_cursor"] is None
        assert listed is not None
        assert listed[0] == len(rows["items"]) == Answers().of_team(name).count()
    assert "engine-api-without-tls" in text(viewer, "/findings/?team=platform")
    assert "engine-api-without-tls" not in text(viewer, "/findings/?team=payments")


@pytest.mark.parametrize(("number", "found"), [("5.17", True), ("5.21", False), ("5.18", False)])
def test_findings_are_narrowed_by_the_items_that_they_violate(viewer: Client, number: str, found: bool) -> None:
    swept(host_row(), replace(WEB, ipc_mode="host", device_cgroup_rules=("c 1:3 r",)))
    page = text(viewer, f"/findings/?status=fail&cis={number}")
    assert ('href="/rules/host-ipc-or-uts/' in page) is found
    assert 'href="/rules/host-device/' not in page
