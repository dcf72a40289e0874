"""How far services are from another engine, what ties them and whose support ends: pages, lists and API agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoDbBlocker

from dashboard.neutrality import ending_row
from fleet.independence import EndingCount
from fleet.inventory import Component, HealthCheck, RestartPolicy
from fleet.models import ApiToken, Service
from fleet.neutrality import Distance, Ending, by_slug
from tests.builders import NOW, bind_mount, host, image, snapshot
from tests.mixed_fleet import one
from tests.pages import read
from tests.rows import host_row, shared_rows, swept

pytestmark = pytest.mark.django_db
FREE: dict[str, Any] = {"log_driver": "json-file", "restart_policy": RestartPolicy("on-failure", 3)}
IMAGE = image(health_check=HealthCheck(""))
#: Service, its distance, and the tie that it is asked for by.
KNOWN = {
    "free": ("free", ""),
    "daily": ("free", "restart-by-engine"),
    "logger": ("drop-in", "engine-log-driver"),
    "agent": ("configuration", "engine-socket"),
    "swarmed": ("rework", "swarm-service"),
    "silent": ("unknown", ""),
    "untold": ("unknown", ""),
}


def fleet() -> None:
    first = host_row("prod-01")
    swept(
        first,
        one("free", 1, **FREE),
        one("daily", 2, **{**FREE, "restart_policy": RestartPolicy("always")}),
        one("logger", 3, **{**FREE, "log_driver": "local"}),
        one("agent", 4, **FREE, mounts=(bind_mount("/var/run/docker.sock", "/s"),)),
        one("swarmed", 5, **FREE, labels={"com.docker.swarm.task.id": "t"}),
        one("untold", 6, **{**FREE, "log_driver": None}),
        images=(IMAGE,),
        now=NOW,
    )
    old = host(
        engine_version="28.5.2", components=(Component("containerd", "1.6.20"), Component("runc", "1.4.3")),
        engine_id="ID:prod-02", volume_plugins=("local", "flocker"),
    )  # fmt: skip
    seen = snapshot(one("silent", 7, **FREE), images=(IMAGE,), host=old)
    swept(host_row("prod-02"), seen=seen, now=NOW - timedelta(hours=2))
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=NOW)


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False), shared_rows(django_db_blocker, fleet):
        yield


@pytest.fixture(autouse=True)
def _soon_after(db: None) -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False):
        yield


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client


@pytest.fixture
def api() -> Client:
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def names(api: Client, query: str) -> set[str]:
    return {row["name"] for row in api.get(f"/api/v1/services?{query}").json()["items"]}


@pytest.mark.parametrize("distance", list(Distance))
def test_a_distance_is_the_same_in_list_page_and_api(viewer: Client, api: Client, distance: Distance) -> None:
    wanted = {name for name, (told, _) in KNOWN.items() if told == distance.value}
    assert names(api, f"stage=production&distance={distance.value}") == wanted
    listed = read(viewer.get(f"/services/?stage=production&distance={distance.value}").content.decode())
    assert listed.count is not None
    assert listed.count[0] == len(wanted)
    assert api.get("/api/v1/neutrality").json()["distances"]["production"][distance.value] == len(wanted)


def test_the_distances_add_up_to_the_stage(api: Client) -> None:
    told = api.get("/api/v1/neutrality").json()["distances"]
    by_stage = api.get("/api/v1/adoption").json()["by_stage"]
    assert {stage: sum(counts.values()) for stage, counts in told.items()} == by_stage


@pytest.mark.parametrize(("name", "tie"), [(name, tie) for name, (_, tie) in KNOWN.items() if tie])
def test_a_tie_leads_to_the_services_that_it_holds(viewer: Client, api: Client, name: str, tie: str) -> None:
    assert names(api, f"tie={tie}") == {name}
    page = viewer.get("/runtime/").content.decode()
    (link,) = [link for link in read(page).links if link.href == f"/services/?stage=production&tie={tie}"]
    assert link.number == 1
    assert f"/services/{name}/" in viewer.get(link.href).content.decode()


def test_every_number_of_the_page_is_that_of_the_list_behind_it(viewer: Client) -> None:
    links = [
        link for link in read(viewer.get("/runtime/").content.decode()).links
        if link.number is not None and any(word in link.href for word in ("ending=", "distance=", "tie="))
    ]  # fmt: skip
    assert len(links) > 20
    for link in links:
        behind = read(viewer.get(link.href).content.decode()).count
        assert behind is not None, link.href
        assert behind[0] == link.number, (link.href, link.words)


def test_a_service_says_what_to_change_and_where_it_is_written(viewer: Client) -> None:
    page = viewer.get("/services/agent/").content.decode()
    assert "podman.sock in its place" in page
    assert "/var/run/docker.sock:/s" in page
    assert "https://docs.podman.io/" in page


def test_one_that_nothing_ties_says_what_was_looked_for(viewer: Client) -> None:
    assert f"None of the {len(by_slug())} ties that are known" in viewer.get("/services/free/").content.decode()
    assert "ties that are known" not in viewer.get("/services/silent/").content.decode()


def test_what_was_not_told_is_named(viewer: Client, api: Client) -> None:
    assert "<code>LogConfig.Type</code>" in viewer.get("/services/untold/").content.decode()
    (row,) = api.get("/api/v1/services?q=untold").json()["items"]
    assert (row["distance"], row["not_told"]) == ("unknown", ["LogConfig.Type"])


def test_what_is_set_up_once_a_host_stands_apart(viewer: Client) -> None:
    page = viewer.get("/services/daily/").content.decode()
    assert "Nothing to change" in page
    assert "podman-restart.service" in page


def test_a_service_of_a_silent_host_is_unknown_everywhere(viewer: Client, api: Client) -> None:
    assert Service.objects.get(name="silent").distance == "free"
    assert "has not answered for too long; below stands" in viewer.get("/services/silent/").content.decode()
    (row,) = api.get("/api/v1/services?q=silent").json()["items"]
    assert row["distance"] == "unknown"


def test_one_in_no_container_is_tied_by_nothing(viewer: Client) -> None:
    assert "nothing ties it yet" in viewer.get("/services/mainframe/").content.decode()


def test_what_ends_comes_by_its_day_with_the_hosts_behind_it(api: Client) -> None:
    told = {row["slug"]: row for row in api.get("/api/v1/neutrality").json()["endings"]}
    assert told["engine-28"]["end"] == "2026-05-13"
    assert (told["engine-28"]["hosts"], told["engine-28"]["services"]) == (1, 1)
    assert (told["engine-29"]["hosts"], told["engine-29"]["services"]) == (1, 6)
    assert told["plugin-flocker"]["over"]
    days = [row["end"] for row in told.values() if row["end"]]
    assert days == sorted(days)


def test_a_list_of_what_nobody_runs_is_empty(viewer: Client) -> None:
    assert read(viewer.get("/hosts/?ending=nothing").content.decode()).count == (0, 2)
    assert read(viewer.get("/services/?tie=nothing").content.decode()).rows == 0


def test_the_api_explains_each_tie(api: Client) -> None:
    reply = api.get("/api/v1/neutrality")
    ties = {row["tie"]: row for row in reply.json()["ties"]}
    assert ties["engine-socket"]["services"] == {"production": 1}
    assert ties["engine-socket"]["sources"]
    assert json.dumps(reply.json())


TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("changes", "word", "when"),
    [
        ({"end": date(2026, 11, 24)}, "Ends soon", "today"),
        ({"end": date(2026, 12, 4)}, "Ends soon", "in 10 days"),
        ({"end": date(2027, 8, 1)}, "Supported", "in 8 months"),
        ({"end": date(2026, 11, 23)}, "Ended", "1 day ago"),
        ({"end": date(2020, 1, 1)}, "Ended", "7 years ago"),
        ({"end": date(2026, 1, 1), "extended": date(2028, 1, 1)}, "Long-term only", "11 months ago"),
        ({"end": date(2024, 1, 1), "extended": date(2025, 1, 1)}, "Ended", "3 years ago"),
        ({}, "Supported", ""),
        ({"over": True}, "Ended", ""),
        ({"reason": "Nobody knows."}, "Unknown", ""),
    ],
)
def test_an_ending_is_said_in_words(changes: dict[str, Any], word: str, when: str) -> None:
    ending = Ending(slug="x", kind="engine", title="X", **changes)
    row = ending_row(EndingCount(ending=ending, hosts=1, services=2), TODAY)
    assert (row.word, row.when) == (word, when)
