"""Overview, adoption page, lists, API and download say the same of every figure, for each filter and day."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoDbBlocker

from fleet.adoption import DEFINITIONS, HEADLINES, record_day
from fleet.adoption.definitions import OF_TEAMS
from fleet.models import ApiToken
from tests.builders import NOW
from tests.mixed_fleet import mixed_fleet, one
from tests.pages import read
from tests.rows import host_row, shared_rows, swept

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=10)
TODAY, EARLIER = SOON.date(), (NOW - timedelta(days=3)).date()
DAYS = (TODAY, EARLIER)
TEAMS = (None, "payments", "R&D / ops", "-")
Pairs = dict[str, tuple[int | None, int | None]]  # part and whole by figure


def fleet() -> None:
    """With agents and with a day of history, on which nothing of today had answered yet."""
    mixed_fleet(NOW)
    agent = one("node-exporter", 40, image_reference="prom/node-exporter:v1.8")
    swept(host_row("prod-06", team="payments"), agent, one("ledger-db", 41), now=NOW)
    record_day(NOW - timedelta(days=3))
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


def opened(client: Client, path: str, **asked: str | None) -> Any:
    response = client.get(path, {name: value for name, value in asked.items() if value is not None})
    assert response.status_code == 200, (path, asked)
    return response


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", "").split())


def pair(text: str) -> tuple[int, int] | None:
    found = re.search(r"(\d+) of (\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def on_page(client: Client, day: date, team: str | None) -> tuple[Pairs, dict[str, str]]:
    """What the page says, and the lists that its numbers lead to."""
    html = opened(client, "/adoption/", date=day.isoformat(), team=team).content.decode()
    pairs, links = {}, {}
    for key in HEADLINES:
        note = re.search(rf"<h2>{DEFINITIONS[key].label}</h2><(?:a|span) class=\"note\"(.*?)</", html)
        assert note, key
        pairs[key] = pair(words(f"<{note[1]}"))
        href = re.search(r'href="([^"]+)"', note[1])
        if href:
            links[key] = unescape(href[1])
    for key, row in re.findall(r'<tr id="([a-z-]+)">(.*?)</tr>', html, re.DOTALL):
        pairs[key] = pair(words(row))
        href = re.search(r'href="([^"]+)"', row)
        if href:
            links[key] = unescape(href[1])
    return {key: told for key, told in pairs.items() if told}, links


def shares(told: list[dict[str, Any]]) -> Pairs:
    return {one["key"]: (one["part"], one["whole"]) for one in told if one["unit"] != "days"}


def in_api(client: Client, day: date, team: str | None) -> Pairs:
    body = opened(client, "/api/v1/adoption/figures", date=day.isoformat(), team=team).json()
    return shares(body["figures"])


def in_csv(client: Client, day: date, team: str | None, *, of: date) -> Pairs:
    text = opened(client, "/adoption/figures.csv", date=day.isoformat(), days="7", team=team).content.decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["date"] == of.isoformat()]
    return {row["figure"]: (int(row["part"]), int(row["whole"])) for row in rows if row["unit"] != "days"}


def in_history(client: Client, team: str | None, *, of: date) -> Pairs:
    body = opened(client, "/api/v1/adoption/history", days="7", team=team).json()
    points = {key: next(one for one in told if one["date"] == of.isoformat()) for key, told in body.items()}
    return {key: (one["part"], one["whole"]) for key, one in points.items() if DEFINITIONS[key].unit != "days"}


@pytest.mark.parametrize("team", TEAMS)
@pytest.mark.parametrize("day", DAYS)
def test_page_api_and_download_say_the_same(viewer: Client, api: Client, day: date, team: str | None) -> None:
    page, _ = on_page(viewer, day, team)
    assert page == in_api(api, day, team) == in_csv(viewer, day, team, of=day) == in_history(api, team, of=day)
    assert page == in_csv(viewer, TODAY, team, of=day)
    wanted = DEFINITIONS if team is None else OF_TEAMS
    assert page.keys() == {key for key in wanted if DEFINITIONS[key].unit != "days"}


@pytest.mark.parametrize("team", TEAMS)
def test_every_number_of_today_is_that_of_the_list_behind_it(viewer: Client, api: Client, team: str | None) -> None:
    page, links = on_page(viewer, TODAY, team)
    behind = {key for key in page if DEFINITIONS[key].page}
    assert links.keys() == behind
    for key in sorted(behind):
        listed = read(opened(viewer, links[key]).content.decode()).count
        assert listed
        assert listed[0] == page[key][0], (key, links[key])
        if team != "-":
            rows = opened(api, "/api/v1" + links[key].replace("/?", "?")).json()["items"]
            assert len(rows) == page[key][0], (key, links[key])


def test_a_day_of_the_past_leads_to_no_list_of_today(viewer: Client) -> None:
    assert on_page(viewer, EARLIER, None)[1] == {}


def test_the_overview_and_the_whole_answer_of_the_api_say_the_same(viewer: Client, api: Client) -> None:
    page, _ = on_page(viewer, TODAY, None)
    body = opened(api, "/api/v1/adoption").json()
    assert shares(body["figures"]) == page
    assert body["by_stage"] == {stage: page[f"stage-{stage}"][0] for stage in body["by_stage"]}
    assert body["verdicts"] == {one: page[f"{one}-in-production"][0] for one in body["verdicts"]}
    links = read(opened(viewer, "/", stage="production").content.decode()).links
    told = {link.href: link.number for link in links if link.number is not None}
    for stage in body["by_stage"]:
        assert told[f"/services/?stage={stage}"] == page[f"stage-{stage}"][0]
    for verdict, number in body["verdicts"].items():
        assert told.get(f"/services/?stage=production&verdict={verdict}", 0) == number, verdict


@pytest.mark.parametrize("day", DAYS)
def test_the_teams_add_up_to_everybody(api: Client, day: date) -> None:
    body = opened(api, "/api/v1/adoption/figures", date=day.isoformat()).json()
    everybody = shares(body["figures"])
    teams = [shares(team["figures"]) for team in body["teams"]]
    for key in set(OF_TEAMS) & everybody.keys():
        added = tuple(sum(team[key][side] or 0 for team in teams if key in team) for side in (0, 1))
        assert added == everybody[key], key
    uses = [team["use"] for team in body["teams"] if team["use"]]
    for use in ("adopter", "dabbler", "abandoner", "never"):
        assert everybody[f"teams-{use}"] == (uses.count(use), len(uses))


@pytest.mark.parametrize("day", DAYS)
def test_what_is_a_whole_adds_up(api: Client, day: date) -> None:
    told = in_api(api, day, None)
    stages = [told[f"stage-{stage}"][0] or 0 for stage in ("none", "experiment", "staging", "production")]
    verdicts = [told[f"{one}-in-production"][0] or 0 for one in ("ready", "at-risk", "not-ready", "unknown")]
    assert sum(stages) == told["services-in-production"][1]
    assert sum(verdicts) == told["services-in-production"][0]


def test_a_comparison_names_what_the_figures_differ_by(api: Client) -> None:
    body = opened(api, "/api/v1/adoption/compare", since=EARLIER.isoformat()).json()
    before, after = in_api(api, EARLIER, None), in_api(api, TODAY, None)
    gained = sum(
        one["after"]["verdict"] == "ready" and one["after"]["stage"] == "production" for one in body["flipped"]
    )
    assert gained == (after["ready-in-production"][0] or 0) - (before["ready-in-production"][0] or 0) > 0
    assert len(body["came"]) - len(body["went"]) == (after["stage-none"][1] or 0) - (before["stage-none"][1] or 0)


def test_the_fleet_has_what_these_tests_are_about(api: Client) -> None:
    told = in_api(api, TODAY, None)
    assert (told["infrastructure-containers"][0] or 0) > 0
    assert (told["hosts-in-production"][0] or 0) < (told["hosts-in-production"][1] or 0)
    assert told["stateful-in-production"][0]
    assert in_api(api, EARLIER, None) != told
