"""The same number is the same everywhere: on the page that shows it, in the list behind it and in the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoDbBlocker

from fleet.adoption import by_environment, figures
from fleet.counting import count_all
from fleet.models import ApiToken, Finding, Host
from tests.builders import NOW
from tests.mixed_fleet import mixed_fleet
from tests.pages import Link, Read, read
from tests.rows import shared_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_counts")]

LISTS = {"/services/", "/hosts/", "/containers/", "/trust/images/"}
PAGES = [
    "/", "/?stage=staging", "/?stage=experiment", "/adoption/", "/network/", "/state/", "/trust/", "/runtime/",
    "/resilience/", "/hardening/", "/hardening/?stage=staging", "/rules/", "/services/", "/hosts/", "/containers/",
    "/services/checkout/", "/services/mainframe/", "/services/ledger-co/", "/hosts/prod-01/", "/hosts/test-01/",
    "/search/?q=o", "/trust/images/",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    later = time_machine.travel(NOW + timedelta(seconds=10), tick=False)
    with later, shared_rows(django_db_blocker, _make):
        yield


def _make() -> None:
    mixed_fleet(NOW)
    count_all(NOW + timedelta(seconds=10))


@pytest.fixture(autouse=True)
def _now(_soon_after: None) -> None:
    """Ten seconds after the sweeps."""


@pytest.fixture(scope="module")
def behind_it() -> dict[str, Any]:
    """How many a list has, by its address: many pages lead to the same one."""
    return {}


@pytest.fixture
def api() -> Client:
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def opened(client: Client, path: str) -> Read:
    response = client.get(path)
    assert response.status_code == 200, path
    return read(response.content.decode())


def counting(links: list[Link], path: str) -> list[tuple[str, int, str]]:
    """(where it leads, the number, its words) of the links that carry a number and lead to a list."""
    found = []
    for link in links:
        target = urljoin(path, link.href)
        leads = urlsplit(target).path in LISTS or (target.startswith("/rules/") and "status=" in target)
        if leads and link.number is not None and "page=" not in target:
            found.append((target, link.number, link.words))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_number_is_that_of_the_list_behind_it(viewer: Client, path: str, behind_it: dict[str, Any]) -> None:
    wrong = []
    numbers = counting(opened(viewer, path).links, path)
    for target, number, words in numbers:
        if target not in behind_it:
            page = opened(viewer, target)
            behind_it[target] = page.subjects if target.startswith("/rules/") else page.count and page.count[0]
        behind = behind_it[target]
        if behind != number:
            wrong.append(f"{words!r} leads to {target}, which has {behind}")
    assert wrong == []
    assert len(numbers) >= 3, "the navigation alone has three"


def test_the_overview_leads_to_most_of_what_it_counts(viewer: Client) -> None:
    targets = {target for target, _, _ in counting(opened(viewer, "/").links, "/")}
    assert {
        "/services/?stage=production&verdict=ready",
        "/services/?stage=production&verdict=not-ready",
        "/services/?stage=production&verdict=at-risk",
        "/services/?stage=production&verdict=unknown",
        "/services/?stage=none",
        "/hosts/?answer=answering",
        "/hosts/?answer=failing",
        "/hosts/?environment=production",
    } <= targets


def test_the_rules_in_the_navigation_are_those_of_the_page(viewer: Client) -> None:
    page = opened(viewer, "/rules/")
    shown = next(link.number for link in page.links if link.href == "/rules/")
    slugs = {link.href for link in page.links if link.href.startswith("/rules/") and "?" not in link.href} - {"/rules/"}
    assert shown == len(slugs)


def everything(api: Client, path: str) -> list[dict[str, Any]]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    reply: dict[str, Any] = response.json()
    assert reply["next_cursor"] is None
    rows: list[dict[str, Any]] = reply["items"]
    return rows


API_KNOWS = {
    "/services/": {"stage", "verdict", "team", "environment", "state_kind", "distance", "tie", "q"},
    "/hosts/": {"environment", "verdict", "answer", "team", "q"},
    "/containers/": {"environment", "stage", "verdict", "host", "service", "state", "health", "q"},
    "/trust/images/": {"state", "group", "team", "registry", "root", "q"},
}


@pytest.mark.parametrize("path", PAGES)
def test_the_api_lists_as_many(viewer: Client, api: Client, path: str, behind_it: dict[str, Any]) -> None:
    asked = 0
    for target, number, words in counting(opened(viewer, path).links, path):
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if parts.path in LISTS and query.keys() <= API_KNOWS[parts.path] and query.get("team") != "-":
            address = f"/api/v1{parts.path.rstrip('/')}?{parts.query}{'&' if query else ''}limit=500"
            if address not in behind_it:
                behind_it[address] = len(everything(api, address))
            assert behind_it[address] == number, (words, target)
            asked += 1
    assert asked >= 3


def test_the_figures_are_those_of_the_lists(viewer: Client) -> None:
    now = figures(NOW + timedelta(seconds=10))
    for stage, verdicts in now.verdicts_by_stage.items():
        for verdict, number in verdicts.items():
            page = opened(viewer, f"/services/?stage={stage}&verdict={verdict}")
            assert page.count == (number, now.services), (stage, verdict)
    for stage, pillars in now.pillars_by_stage.items():
        for pillar, counts in pillars.items():
            for verdict, number in counts.items():
                page = opened(viewer, f"/services/?stage={stage}&{pillar}={verdict}")
                assert page.count == (number, now.services), (stage, pillar, verdict)
    assert opened(viewer, "/hosts/?answer=answering").count == (now.hosts_answering, Host.objects.count())
    assert opened(viewer, "/containers/?state=running").count == (now.containers_running, now.containers)


def test_the_environments_add_up_with_their_lists(viewer: Client, api: Client) -> None:
    for row in by_environment():
        slug = row["slug"]
        assert opened(viewer, f"/hosts/?environment={slug}").count == (row["hosts"], Host.objects.count())
        counted = len(everything(api, f"/api/v1/services?environment={slug}"))
        page = opened(viewer, f"/services/?environment={slug}").count
        assert page is not None
        assert page[0] == row["services"] == counted


def test_the_fleet_has_what_these_tests_are_about() -> None:
    now = figures(NOW + timedelta(seconds=10))
    assert all(now.verdicts[verdict] for verdict in ("ready", "at-risk", "not-ready", "unknown"))
    assert all(now.by_stage.values())
    assert now.hosts > now.hosts_answering > 0
    assert now.containers > now.containers_running > now.containers_in_production
    assert Finding.objects.failing().exists()
