"""Pages, lists, API and downloads say the same of state, distance, ties, doors, loss and lead time."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoDbBlocker

from fleet.adoption import record_day
from fleet.inventory import HealthCheck, PublishedPort, RestartPolicy
from fleet.models import ApiToken
from fleet.neutrality import Distance, by_slug
from fleet.state import StateKind
from tests.builders import NOW, bind_mount, image, volume, volume_mount
from tests.mixed_fleet import mixed_fleet, one
from tests.pages import read
from tests.rows import host_row, shared_rows, swept

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=10)
STAGES = ("production", "staging", "experiment")
DOOR = (PublishedPort(8080, "tcp", "0.0.0.0", 80),)
#: What runs on another engine as it is.
FREE: dict[str, Any] = {"log_driver": "json-file", "restart_policy": RestartPolicy("on-failure", 3)}
LOGGING = {**FREE, "log_driver": "local"}
STATEFUL = set(StateKind) - {StateKind.STATELESS, StateKind.UNKNOWN}
FATES = ("down", "unknown", "degraded", "survives", "idle")


def fleet() -> None:
    """On top of the mixed one, doors and ties, state of other kinds, and services that came from staging."""
    staging = host_row("staging-02", environment="staging", team="payments")
    swept(staging, one("ripe", 71), now=NOW - timedelta(days=6))
    swept(staging, one("ripe", 71), one("grown", 70), now=NOW - timedelta(days=4))
    mixed_fleet(NOW)
    swept(staging, one("preview", 72, ports=DOOR), one("grown", 70), now=NOW)
    swept(
        host_row("prod-06", team="payments"),
        one("grown", 73),
        one("ripe", 74),
        one("front", 75, **FREE, ports=DOOR),
        one("letters", 76, **FREE, mounts=(volume_mount("letters", driver="flocker"),)),
        one("deployer", 77, **FREE, mounts=(bind_mount("/var/run/docker.sock", "/s"),)),
        one("monitor", 78, **LOGGING, network_mode="host", labels={"loadline.team": "R&D / ops"}),
        volumes=(volume(name="letters", driver="flocker"),),
        images=(image(health_check=HealthCheck("")),),
        now=NOW,
    )
    record_day(SOON)


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with time_machine.travel(SOON, tick=False), shared_rows(django_db_blocker, fleet):
        yield


@pytest.fixture(autouse=True)
def _now(_soon_after: None) -> None:
    """Ten seconds after the sweeps."""


@pytest.fixture
def api() -> Client:
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def told(api: Client, path: str) -> Any:
    response = api.get(f"/api/v1{path}")
    assert response.status_code == 200, (path, response.content)
    return response.json()


def sheet(client: Client, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(client, path + ("&" if "?" in path else "?") + "format=csv"))))


def linked(client: Client, path: str) -> dict[str, int]:
    """The numbers that a page shows as links, by where they lead; of the same place twice the first one."""
    found: dict[str, int] = {}
    for link in read(text_of(client, path)).links:
        if link.number is not None:
            assert found.setdefault(link.href, link.number) == link.number, (path, link)
    return found


def listed(viewer: Client, api: Client, **filters: str) -> int:
    """How many services the list has with these filters, which its download and the API have, too."""
    query = urlencode(filters)
    count = read(text_of(viewer, f"/services/?{query}")).count
    assert count
    names = {row["Service"] for row in sheet(viewer, f"/services/?{query}")} if count[0] else set()
    assert names == {row["name"] for row in told(api, f"/services?{query}&limit=500")["items"]}, query
    assert count[0] == len(names), query
    return count[0]


@pytest.mark.parametrize("stage", STAGES)
def test_the_kinds_of_state(viewer: Client, api: Client, stage: str) -> None:
    shown = linked(viewer, f"/state/?stage={stage}")
    kinds = {kind: shown[f"/services/?stage={stage}&state_kind={kind}"] for kind in StateKind}
    for kind, number in kinds.items():
        assert listed(viewer, api, stage=stage, state_kind=kind.value) == number, kind
        rows = told(api, f"/services?stage={stage}&state_kind={kind}&limit=500")["items"]
        assert {row["state"]["kind"] for row in rows} <= {kind.value}
        section = text_of(viewer, f"/state/?stage={stage}&kind={kind}").partition('id="state-services"')[2]
        rows_shown = re.findall(r'<td[^>]*class="name"', section.partition("</section>")[0])
        assert len(rows_shown) == number <= 25, kind  # one page of them
    assert sum(kinds.values()) == listed(viewer, api, stage=stage)
    if stage == "production":
        figures = {one["key"]: one["part"] for one in told(api, "/adoption/figures")["figures"]}
        assert figures["stateful-in-production"] == sum(kinds[kind] for kind in STATEFUL)
        assert figures["state-unknown-in-production"] == kinds[StateKind.UNKNOWN]


@pytest.mark.parametrize("team", ["payments", "R&D / ops"])
def test_the_kinds_of_state_of_a_team_are_its_figures(viewer: Client, api: Client, team: str) -> None:
    kinds = {kind: listed(viewer, api, stage="production", state_kind=kind.value, team=team) for kind in StateKind}
    query = urlencode({"team": team})
    figures = {one["key"]: one["part"] for one in told(api, f"/adoption/figures?{query}")["figures"]}
    assert figures["stateful-in-production"] == sum(kinds[kind] for kind in STATEFUL)
    assert figures["state-unknown-in-production"] == kinds[StateKind.UNKNOWN]


@pytest.mark.parametrize("stage", STAGES)
def test_the_distances_and_the_ties(viewer: Client, api: Client, stage: str) -> None:
    shown, kept = linked(viewer, f"/runtime/?stage={stage}"), told(api, "/neutrality")
    for distance in Distance:
        number = shown[f"/services/?stage={stage}&distance={distance}"]
        assert listed(viewer, api, stage=stage, distance=distance.value) == number, distance
        assert kept["distances"][stage].get(distance.value, 0) == number, distance
    assert sum(kept["distances"][stage].values()) == listed(viewer, api, stage=stage)
    ties = {tie["tie"]: tie["services"].get(stage, 0) for tie in kept["ties"]}
    assert ties.keys() == by_slug().keys()
    for slug, number in ties.items():
        assert shown.get(f"/services/?stage={stage}&tie={slug}", 0) == number, slug
        if number:
            assert listed(viewer, api, stage=stage, tie=slug) == number, slug


def test_whose_support_ends(viewer: Client, api: Client) -> None:
    shown = linked(viewer, "/runtime/")
    endings = told(api, "/neutrality")["endings"]
    assert endings
    for ending in endings:
        for kind in ("hosts", "services"):
            behind = f"/{kind}/?ending={ending['slug']}"
            count = read(text_of(viewer, behind)).count
            assert count
            assert shown[behind] == ending[kind] == count[0], behind


@pytest.mark.parametrize("filters", [{}, *({"stage": stage} for stage in STAGES), {"team": "payments"}, {"q": "front"}])
def test_the_doors_to_the_outside(viewer: Client, api: Client, filters: dict[str, str]) -> None:
    query = urlencode(filters)
    page = text_of(viewer, f"/network/doors/?{query}")
    items = told(api, f"/reach/doors?{query}&limit=500")["items"]
    wanted = {item["service"]: item["doors_total"] for item in items}
    count = read(page).count
    assert count
    assert count[0] == len(wanted)
    on_page = {link.href: link.number for link in read(page).links if link.href.startswith("/network/reach/?")}
    totals = {
        name: next(number for href, number in on_page.items() if urlencode({"to": f"service:{name}"}) in href)
        for name in wanted
    }
    assert totals == wanted
    rows = sheet(viewer, f"/network/doors/?{query}") if wanted else []
    assert {row["Service"]: int(row["How many"]) for row in rows} == wanted
    assert {row["Service"]: len(row["Doors"].split("; ")) for row in rows} == wanted


def test_the_hosts_that_most_hangs_on(viewer: Client, api: Client) -> None:
    body = told(api, "/what-if/hosts")
    table = re.findall(r"<tr>(<td class=\"num\" data-label=\"#\">.*?)</tr>", text_of(viewer, "/what-if/"), re.DOTALL)
    on_page = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row)] for row in table]
    names = ("name", "environment", "down", "down_in_production", "unknown", "degraded", "survives")
    assert [row[1:8] for row in on_page] == [[str(host[name]) for name in names] for host in body["hosts"]]
    assert len(on_page) == body["total"] >= 5
    for row, host in zip(on_page, body["hosts"], strict=True):
        doubtful = f" + {host['doubtful']} unknown" if host["doubtful"] else ""
        assert row[8] == f"{host['volumes']}{doubtful}"


def test_each_row_of_the_ranking_is_the_answer_of_its_host(viewer: Client, api: Client) -> None:
    for host in told(api, "/what-if/hosts")["hosts"]:
        query = urlencode({"host": host["name"]})
        answer = told(api, f"/what-if?{query}")
        fates = Counter(one["fate"] for one in answer["services"])
        assert fates == Counter(answer["counts"])
        assert {name: fates[name] for name in FATES[:4]} == {name: host[name] for name in FATES[:4]}, host
        down = [one for one in answer["services"] if (one["fate"], one["stage"]) == ("down", "production")]
        assert len(down) == host["down_in_production"]
        lost = Counter(one["lost"] for one in answer["volumes"])
        assert (lost[True], lost[None]) == (host["volumes"], host["doubtful"])
        rows = sheet(viewer, f"/what-if/?{query}")
        columns = ("Service", "Team", "Stage", "Fate", "When", "Data lost")
        fields = ("service", "team", "stage", "fate", "when", "state_lost")
        assert [[row[name] for name in columns] for row in rows] == [
            [one[name] for name in fields] for one in answer["services"]
        ]
        page = text_of(viewer, f"/what-if/?{query}")
        groups = re.findall(r'<section class="card losses-of" id="(\w+)">.*?<span class="note">(\d+) service', page)
        assert {fate: int(number) for fate, number in groups} == dict(fates)
        assert answer["sentence"] in page


@pytest.mark.parametrize("team", [None, "payments"])
def test_the_lead_time(viewer: Client, api: Client, team: str | None) -> None:
    query = urlencode({"team": team} if team else {})
    figure = next(one for one in told(api, f"/adoption/figures?{query}")["figures"] if one["key"] == "lead-time")
    assert (figure["value"], figure["whole"]) == (5.0, 2)
    row = re.search(r'<tr id="lead-time">(.*?)</tr>', text_of(viewer, f"/adoption/?{query}"), re.DOTALL)
    assert row
    assert "5 days" in row[1]
    rows = csv.DictReader(io.StringIO(text_of(viewer, f"/adoption/figures.csv?days=7&{query}")))
    days = [(float(one["value"]), int(one["whole"])) for one in rows if one["figure"] == "lead-time"]
    assert days[-1] == (5.0, 2)
    points = told(api, f"/adoption/history?days=7&figure=lead-time&{query}")["lead-time"]
    assert (points[-1]["value"], points[-1]["whole"]) == (5.0, 2)
    rows_in_production = told(api, f"/services?stage=production&limit=500&{query}")["items"]
    leads = [lead_of(row) for row in rows_in_production if lead_of(row) > timedelta(hours=1)]
    assert (median(leads), len(leads)) == (timedelta(days=5), 2)


def lead_of(row: dict[str, Any]) -> timedelta:
    first, production = (datetime.fromisoformat(row[name]) for name in ("first_seen", "production_since"))
    return production - first


def test_the_fleet_has_what_these_tests_are_about(viewer: Client, api: Client) -> None:
    kinds = Counter(row["state"]["kind"] for row in told(api, "/services?stage=production&limit=500")["items"])
    distances = Counter(row["distance"] for row in told(api, "/services?stage=production&limit=500")["items"])
    assert len(kinds) >= 4
    assert len(distances) >= 4
    assert len(told(api, "/reach/doors")["items"]) >= 3
