"""The page of reach."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.inventory import PublishedPort
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]
DOOR = PublishedPort(8080, "tcp", "0.0.0.0", 80)


@pytest.fixture(autouse=True)
def _fleet(_soon_after: None) -> None:
    web = container(labels={**OWNED, "loadline.service": "web"}, ports=(DOOR,))
    db = container(id="d" * 64, name="db", labels={**OWNED, "loadline.service": "db"})
    swept(host_row(), web, db)


def page(viewer: Client, query: str) -> str:
    response = viewer.get(f"/network/reach/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_two_places_have_every_door_between_them(viewer: Client) -> None:
    text = page(viewer, "from=outside&to=service:web")
    assert "Can connect" in text
    assert "0.0.0.0:80" in text
    assert "8080/tcp" in text
    assert "?from=service%3Aweb&amp;to=outside" in text


def test_one_place_has_everything_around_it_and_what_would_close(viewer: Client) -> None:
    text = page(viewer, "to=web")
    assert "Who can reach web" in text
    assert "If 8080/tcp were not published as 80" in text
    assert 'href="/network/reach/?from=outside&amp;to=service%3Aweb"' in text
    assert "What db can reach" in page(viewer, "from=db")


def test_a_name_that_nothing_has_is_answered_with_what_it_may_mean(viewer: Client) -> None:
    assert "service web" in page(viewer, "to=we&from=outside")
    text = page(viewer, "from=nothing&to=service:web")
    assert "Nothing is called “nothing” (field “From”)" in text
    assert "service web" in page(viewer, "from=outside&to=service:we")


def test_a_host_that_has_not_answered_is_named(viewer: Client) -> None:
    host_row("new-01")
    assert "new-01 has not answered yet" in page(viewer, "to=new-01")


def test_the_same_as_a_sheet(viewer: Client) -> None:
    rows = page(viewer, "from=outside&to=service:web&format=csv").splitlines()
    assert rows[0].startswith("From,To,Can connect,Door")
    assert rows[1].startswith("the outside,service web,yes,Published port,0.0.0.0:80,8080/tcp")
    assert len(page(viewer, "to=web&format=csv").splitlines()) > 3


def test_a_service_and_a_host_lead_there(viewer: Client) -> None:
    text = viewer.get("/services/web/").content.decode()
    assert "Who can reach it" in text
    assert "0.0.0.0:80" in text
    assert "Nothing outside of its hosts" in viewer.get("/services/db/").content.decode()
    assert "?to=host%3Aprod-01" in viewer.get("/hosts/prod-01/").content.decode()


def test_the_outside_alone_is_the_list_of_doors(viewer: Client) -> None:
    response = viewer.get("/network/reach/?from=outside")
    assert (response.status_code, response["Location"]) == (302, "/network/doors/")


def test_who_has_asked_nothing_is_given_questions_to_begin_with(viewer: Client) -> None:
    text = page(viewer, "")
    assert 'href="/network/reach/?to=service%3Adb">Who can reach db</a>' in text
    assert 'href="/network/reach/?from=host%3Aprod-01">What prod-01 can reach</a>' in text


def test_who_asks_about_the_outside_as_a_target_is_asked_from_where(viewer: Client) -> None:
    assert "Whether db can reach the outside" in page(viewer, "to=outside")
