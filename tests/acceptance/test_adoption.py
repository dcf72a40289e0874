"""Adoption, state, loss and reach of real engines: each figure and each line is what was planted, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from fleet.catalogue import Entry, enter
from fleet.models import ApiToken
from tests.acceptance import planted_answers as answers
from tests.acceptance.planted_fleet import ENTERED, GONE, HOSTS, planted
from tests.rows import host_row, shared_rows

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.django_db]


def seed(urls: Mapping[str, str]) -> None:
    """What people do: enter services, register hosts, and sweep them once."""
    now = timezone.now()
    for service, (team, days) in ENTERED.items():
        enter(Entry(name=service, team=team), by="admin", now=now - timedelta(days=days))
    for name, (environment, team) in HOSTS.items():
        host_row(name, url=urls[name], environment=environment, team=team)
    with pytest.raises(SystemExit):  # one of them does not answer
        call_command("sweep", verbosity=0)


@pytest.fixture(scope="module", autouse=True)
def _fleet(engines_possible: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with planted() as urls, shared_rows(django_db_blocker, lambda: seed(urls)):
        yield


@pytest.fixture
def api() -> Client:
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def told(api: Client, path: str, **asked: str) -> Any:
    response = api.get(f"/api/v1/{path}", asked)
    assert response.status_code == 200, response.content
    return response.json()


def numbers(figures: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Part, whole, and what else a figure has."""
    return {one["key"]: tuple(one[name] for name in ("part", "whole", "value", "low", "high")) for one in figures}


def test_every_figure_of_adoption(api: Client) -> None:
    body = told(api, "adoption/figures")
    assert numbers(body["figures"]) == answers.FIGURES
    assert body["silent_hosts"] == 1
    assert {team["team"]: (team["use"], numbers(team["figures"])) for team in body["teams"]} == answers.TEAMS


@pytest.mark.parametrize("team", answers.TEAMS)
def test_a_team_asked_alone_is_told_the_same(api: Client, team: str) -> None:
    assert numbers(told(api, "adoption/figures", team=team)["figures"]) == answers.TEAMS[team][1]


def test_every_service_its_stage_and_where_it_keeps_its_state(api: Client) -> None:
    columns = ("team", "stage", "containers", "containers_running", "hosts")
    listed = told(api, "services")["items"]
    assert {one["name"]: tuple(one[name] for name in columns) for one in listed} == answers.SERVICES
    kept = {one["name"]: (one["state"]["kind"], one["state"]["why"]) for one in listed}
    assert kept == answers.STATE
    missing = {one["name"]: one["state"]["missing"] for one in listed if one["state"]["missing"]}
    assert missing == {"archive": [answers.SILENT]}


@pytest.mark.parametrize("host", HOSTS)
def test_every_line_of_what_a_lost_host_takes_with_it(api: Client, host: str) -> None:
    body, wanted = told(api, "what-if", host=host), answers.LOST[host]
    assert body["sentence"] == wanted.sentence
    assert body["services"] == wanted.services
    assert body["volumes"] == wanted.volumes
    assert body["counts"] == wanted.counts
    assert sum(wanted.counts.values()) == len(wanted.services)
    assert (body["notes"], body["cut"]) == (wanted.notes, False)


def test_the_hosts_that_most_hangs_on(api: Client) -> None:
    body = told(api, "what-if/hosts")
    assert [tuple(one.values()) for one in body["hosts"]] == answers.RANKING
    assert list(body["hosts"][0]) == list(answers.RANKED)
    assert body["total"] == len(answers.RANKING)


@pytest.mark.parametrize("source", answers.SERVICES)
def test_what_each_service_can_reach(api: Client, source: str) -> None:
    found = {name: told(api, "reach", **{"from": f"service:{source}", "to": f"service:{name}"}) for name in KNOWN}
    assert {name: one["verdict"] for name, one in found.items()} == {
        name: "yes" if name in answers.REACHES[source] else "no" for name in KNOWN
    }
    doors = {
        name: sorted({(way["door"], way["network"], way["host"]) for way in one["ways"] if way["verdict"] == "yes"})
        for name, one in found.items()
        if one["verdict"] == "yes"
    }
    assert doors == {name: sorted(told) for name, told in answers.REACHES[source].items()}
    out = told(api, "reach", **{"from": f"service:{source}", "to": "outside"})
    assert out["verdict"] == ("yes" if source in answers.RUNNING else "no")


KNOWN = tuple(answers.SERVICES)


@pytest.mark.parametrize("source", ["outside", *(f"host:{name}" for name in HOSTS if name != GONE)])
def test_what_the_outside_and_each_host_can_reach(api: Client, source: str) -> None:
    found = {name: told(api, "reach", **{"from": source, "to": f"service:{name}"})["verdict"] for name in KNOWN}
    wanted = answers.ENTERS[source]
    assert found == {name: "yes" if name in wanted else "no" for name in KNOWN}


def test_every_door_to_the_outside(api: Client) -> None:
    columns = ("door", "verdict", "network", "address", "host_port", "port", "protocol", "hosts", "host")
    listed = told(api, "reach/doors")["items"]
    found = {one["service"]: [tuple(door[name] for name in columns) for door in one["doors"]] for one in listed}
    assert found == answers.DOORS
    assert {one["service"]: one["doors_total"] for one in listed} == dict.fromkeys(answers.DOORS, 1)
    for service, ways in answers.WAYS_IN.items():
        answer = told(api, "reach", **{"from": "outside", "to": f"service:{service}"})
        assert [(way["host"], way["to"]["name"], way["because"]) for way in answer["ways"]] == ways


def test_nothing_is_said_of_a_host_that_never_answered(api: Client) -> None:
    refused = api.get("/api/v1/reach", {"from": "outside", "to": f"host:{GONE}"})
    assert refused.status_code == 422
    assert "has not answered yet" in refused.json()["error"]["message"]
