"""The adoption page: what its address asks for, and what it says when that cannot be had."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from fleet.adoption import record_day
from fleet.models import ServiceSpell
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def opened(client: Client, **asked: str) -> str:
    response = client.get("/adoption/", asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def _fleet() -> None:
    swept(host_row("prod-01"), container(labels={**OWNED, "loadline.service": "shop"}))
    record_day(NOW - timedelta(days=5))
    record_day(NOW)


@pytest.mark.usefixtures("_fleet")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"date": "yesterday"}, "date: yesterday is no day. Write it as "),
        ({"date": "2999-01-01"}, "date: 2999-01-01 is yet to come."),
        ({"days": "12"}, "days: 12 is no window; there are 7, 30, 90, 365."),
        ({"since": "2999-01-01"}, "since: 2999-01-01 is yet to come."),
        ({"since": NOW.date().isoformat()}, "is not before"),
    ],
)
def test_what_is_not_understood_is_said_with_its_field(viewer: Client, asked: dict[str, str], said: str) -> None:
    assert said in opened(viewer, **asked)


@pytest.mark.usefixtures("_fleet")
def test_a_day_without_figures_leads_to_the_nearest_that_have_some(viewer: Client) -> None:
    html = opened(viewer, date=(NOW - timedelta(days=2)).date().isoformat())
    assert "No figures of this day" in html
    assert f"date={(NOW - timedelta(days=5)).date()}" in html


@pytest.mark.usefixtures("_fleet")
def test_links_keep_what_was_chosen(viewer: Client) -> None:
    html = opened(viewer, days="30", date=(NOW - timedelta(days=5)).date().isoformat())
    assert f"/adoption/figures.csv?date={(NOW - timedelta(days=5)).date()}&amp;days=30" in html
    assert "Lists show today" in html


@pytest.mark.usefixtures("_fleet")
def test_two_days_are_compared(viewer: Client) -> None:
    ServiceSpell.objects.create(
        name="gone",
        stage="staging",
        verdict="ready",
        since=(NOW - timedelta(days=9)).date(),
        until=(NOW - timedelta(days=1)).date(),
    )
    html = opened(viewer, days="7")
    assert "was staging" in html
    assert "gone" in html


@pytest.mark.usefixtures("_fleet")
def test_a_team_that_nobody_has_is_empty_and_breaks_nothing(viewer: Client) -> None:
    assert "Show everybody" in opened(viewer, team="nobody")
    assert "Show everybody" in opened(viewer, team="nobody", date=(NOW - timedelta(days=5)).date().isoformat())


def test_an_empty_fleet_says_what_to_do(viewer: Client) -> None:
    assert 'id="adoption-empty"' in opened(viewer)


@pytest.mark.usefixtures("_fleet")
def test_silent_hosts_are_said_with_what_rests_on_them(viewer: Client) -> None:
    record_day(NOW - timedelta(days=3))  # its one answer is of a time to come
    html = opened(viewer, date=(NOW - timedelta(days=3)).date().isoformat())
    assert "1 host did not answer" in html
    assert "1 service rests on it" in html
