"""Reach by the API."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.inventory import PublishedPort
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fleet(_the_clock_stands: None) -> None:
    door = PublishedPort(8080, "tcp", "0.0.0.0", 80)
    swept(host_row(), container(labels={**OWNED, "loadline.service": "web"}, ports=(door,)))


def test_an_answer_has_every_door(viewer: Client) -> None:
    answer = viewer.get("/api/v1/reach", {"from": "outside", "to": "service:web"}).json()
    assert (answer["verdict"], answer["cut"], answer["doubt"]) == ("yes", False, "")
    (way,) = answer["ways"]
    assert (way["door"], way["host_port"], way["port"], way["encrypted"]) == ("published-port", 80, 8080, "unknown")
    assert way["to"] == {"kind": "container", "name": "web", "host": "prod-01"}


def test_a_name_that_nothing_has_is_refused(viewer: Client) -> None:
    answer = viewer.get("/api/v1/reach", {"from": "outside", "to": "we"})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "invalid",
        "message": "to: nothing is called we; did you mean service:web?",
        "field": "to",
    }
    assert viewer.get("/api/v1/reach", {"from": "service:gone", "to": "outside"}).status_code == 422
    host_row("new-01")
    assert viewer.get("/api/v1/reach", {"from": "outside", "to": "host:new-01"}).status_code == 422


def test_doors_are_listed(viewer: Client) -> None:
    (item,) = viewer.get("/api/v1/reach/doors").json()["items"]
    assert (item["service"], item["stage"], item["doors_total"]) == ("web", "production", 1)
    assert item["doors"][0]["host"] == "prod-01"
    for filters in ({"team": "nobody"}, {"stage": "staging"}, {"q": "zzz"}):
        assert viewer.get("/api/v1/reach/doors", filters).json()["items"] == []
