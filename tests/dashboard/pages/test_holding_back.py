from __future__ import annotations

import pytest
from django.test import Client

from tests.mixed_fleet import mixed_fleet
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def test_services_on_their_way_stand_by_how_little_they_lack(viewer: Client) -> None:
    mixed_fleet()
    context = viewer.get("/holding-back/").context
    assert context["total"] == "2 services"
    assert [(number, words) for number, words, _ in context["distances"]] == [
        (1, "ready already"),
        (1, "one change away"),
    ]
    assert [name for name, _, _ in context["ready"]] == ["search"]
    (near,) = context["nearest"]
    assert (near.name, near.changes) == ("returns", 1)
    assert [title for title, _ in near.rules] == ["Privileged container"]


def test_a_team_sees_its_own_and_the_numbers_add_up(viewer: Client) -> None:
    mixed_fleet()
    every = viewer.get("/holding-back/").context
    teams = {row["team"]: row for row in every["teams"]}
    assert sum(row["staging"] for row in teams.values()) == 2
    for row in teams.values():
        own = viewer.get(row["url"]).context
        assert sum(number for number, _, _ in own["distances"]) == row["staging"]
        assert len(own["ready"]) == row["ready"]
        listed = viewer.get(own["total_url"]).context["table"].paginator.count
        assert listed == row["staging"]


def test_a_change_leads_to_what_to_type(viewer: Client) -> None:
    mixed_fleet()
    context = viewer.get("/holding-back/").context
    for blocker in context["blockers"]:
        assert viewer.get(blocker["url"]).status_code == 200


def test_without_staging_it_says_how_one_comes_there(viewer: Client) -> None:
    swept(host_row("prod-01"))
    assert b"Nothing is on its way" in viewer.get("/holding-back/").content


def test_without_a_host_it_says_that_first(viewer: Client) -> None:
    for path in ("/holding-back/", "/fix-next/"):
        page = viewer.get(path).content
        assert b"No host yet" in page
        assert b"in staging" not in page


def test_the_navigation_says_that_it_belongs_to_the_report(viewer: Client) -> None:
    mixed_fleet()
    page = viewer.get("/holding-back/").content.decode()
    assert '<a href="/report/" aria-current="page">' in page
