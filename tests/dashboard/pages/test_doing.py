"""How is Loadline doing: what an admin sees there, and that each number is that of the list behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.pages import doing
from fleet.models import Host, SignOfLife
from tests.builders import NOW, container
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

#: The six of session, user and navigation are in it.
QUERIES = 10


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_user("carla", is_staff=True))
    return client


def page(client: Client, path: str = "/doing/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def working() -> None:
    for kind, name in (("scheduler", "beat@node-1"), ("worker", "celery@node-1")):
        SignOfLife.objects.create(kind=kind, name=name, did="dispatch_due", at=NOW)


def test_without_a_host_it_says_how_to_begin(boss: Client) -> None:
    text = page(boss)
    assert "No host is swept" in text
    assert "No scheduler has sent anything yet." in text


def test_in_good_order_nothing_needs_anybody(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.tables.book.STALE_DAYS", 100_000)  # the shipped tables age with the days
    working()
    swept(host_row(next_sweep_at=NOW + timedelta(seconds=30)), container())
    text = page(boss)
    assert "Nothing</span>" in text
    assert "celery@node-1" in text
    assert "Fails" not in text
    assert "/hosts/prod-01/" in text


def test_every_number_is_that_of_the_list_behind_it(boss: Client) -> None:
    working()
    for number in range(12):
        host_row(f"late-{number}", next_sweep_at=NOW - timedelta(minutes=5))
    for name, code in (("a", "refused"), ("b", "refused"), ("c", "dns")):
        host_row(name, error_code=code, next_sweep_at=NOW + timedelta(hours=1))
    host_row("off", enabled=False, error_code="refused", next_sweep_at=NOW - timedelta(days=1))
    links = {link.href: link.number for link in read(page(boss)).links if "?" in link.href and link.number is not None}
    assert links == {
        "/hosts/?late=yes": 12,
        "/hosts/?error=any": 3,
        "/hosts/?error=refused": 2,
        "/hosts/?error=dns": 1,
    }
    for href, number in links.items():
        behind = read(page(boss, href))
        assert behind.count is not None
        assert behind.count[0] == number, href


def test_ten_hosts_of_each_list_are_shown(boss: Client) -> None:
    working()
    for number in range(12):
        due = NOW - timedelta(minutes=2, seconds=number)
        host_row(f"prod-{number:02}", next_sweep_at=due, sweep_seconds=number, answered_at=NOW)
    hrefs = [link.href for link in read(page(boss)).links if link.href.startswith("/hosts/prod-")]
    assert hrefs[:10] == hrefs[10:20] == [f"/hosts/prod-{number:02}/" for number in range(11, 1, -1)]


def test_a_broker_that_cannot_tell_is_said(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "depths", lambda: None)
    assert "The broker cannot tell." in page(boss)


def test_what_waits_is_said_by_queue(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "depths", lambda: {"sweep": 101})
    assert "101 messages wait for a worker." in page(boss)


def test_admins_find_it_from_every_page_and_others_do_not(boss: Client) -> None:
    assert 'href="/doing/"' in page(boss, "/hosts/")
    viewer = Client()
    viewer.force_login(User.objects.create_user("vera"))
    assert 'href="/doing/"' not in page(viewer, "/hosts/")
    assert viewer.get("/doing/").status_code == 403


@pytest.mark.usefixtures("kept_counts")
def test_it_costs_the_same_whatever_the_fleet(boss: Client) -> None:
    costs = []
    for hosts in (1, 30):
        Host.objects.all().delete()
        for number in range(hosts):
            swept(host_row(f"prod-{number:02}"), container(privileged=True))
        page(boss)
        with CaptureQueriesContext(connection) as asked:
            page(boss)
        costs.append(len(asked))
    assert costs == [QUERIES, QUERIES]
