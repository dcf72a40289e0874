from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard.report import figures_of
from dashboard.roles import OPERATORS
from fleet.models import Day, Report, Service, ServiceSpell
from fleet.models.report import KeptReportError
from fleet.reports import keep_report
from tests.builders import NOW, container
from tests.mixed_fleet import mixed_fleet, one
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

TODAY = NOW.date()


def past(days: int, *, services: int = 12, production: int = 6, ready: int = 5) -> Day:
    """A day of the history: what is not in production was in staging, what was not ready was not ready."""
    return Day.objects.create(
        day=TODAY - timedelta(days=days),
        services=services,
        stage_none=0,
        stage_experiment=0,
        stage_staging=services - production,
        stage_production=production,
        ready=ready,
        at_risk=0,
        not_ready=production - ready,
        unknown=0,
        hosts=4,
        hosts_answering=3,
        containers=100,
    )


def sheet(client: Client, path: str) -> str:
    """What the sheet says, without its marks."""
    response = client.get(path)
    assert response.status_code == 200, path
    html = response.content.decode().partition('<article class="card sheet">')[2].partition("</article>")[0]
    html = re.sub(r"</?(a|b|small|code)\b[^>]*>", "", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL))
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u202f", " ").split())


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("olga")
    user.groups.add(Group.objects.get_or_create(name=OPERATORS)[0])
    client.force_login(user)
    return client


def test_it_says_in_words_what_the_lists_say(viewer: Client) -> None:
    mixed_fleet()
    text = sheet(viewer, "/report/")
    assert "8 of 13 services run in containers in production: 61%." in text
    assert "4 of them are ready for it (50%), below our load line of 80%; 3 more would reach it." in text
    assert "2 are at risk, 1 is not ready, and of 1 nobody can tell." in text
    assert "Of 2 services in staging 1 is ready already and could go to production: search." in text
    assert "3 of 7 hosts did not answer" in text
    assert "1 service in production has no verdict" in text


def test_each_number_leads_to_a_list_of_as_many(viewer: Client) -> None:
    """Every link of a figure in a sentence or in the table of stages to a list of services."""
    mixed_fleet()
    html = viewer.get("/report/").content.decode()
    links = set(re.findall(r'<a href="(/services/\?[^"]+)">(\d+)(?: services?)?</a>', html))
    assert len(links) > 8
    for address, number in links:
        listed = viewer.get(address.replace("&amp;", "&")).context["table"].paginator.count
        assert listed == int(number), address


def test_what_changed_is_told_by_number_and_by_name(viewer: Client) -> None:
    mixed_fleet()
    past(8)
    for name, before, now in (
        ("checkout", ("staging", "at-risk"), ("production", "ready")),
        ("mailer", ("production", "ready"), ("production", "at-risk")),
        ("archive", ("production", "ready"), ("experiment", "ready")),
    ):
        row = Service.objects.get(name=name)
        spell = {"service": row, "name": name}
        ServiceSpell.objects.create(
            **spell,
            stage=before[0],
            verdict=before[1],
            since=TODAY - timedelta(days=90),
            until=TODAY - timedelta(days=2),
        )
        ServiceSpell.objects.create(**spell, stage=now[0], verdict=now[1], since=TODAY - timedelta(days=2))
    text = sheet(viewer, "/report/")
    assert "Since 16 November 2026: 2 more in production (was 6), 1 fewer ready (was 5) and 1 more in the" in text
    assert "New in production: checkout." in text
    assert "No longer in production: archive." in text
    assert "Newly ready: checkout." in text
    assert "No longer ready: mailer." in text


def test_of_several_days_without_figures_the_newest_before_is_last_time(viewer: Client) -> None:
    mixed_fleet()
    past(13)
    past(15, production=1, ready=0)
    assert "Since 11 November 2026" in sheet(viewer, "/report/")
    Day.objects.filter(day=TODAY - timedelta(days=13)).delete()
    assert "There is nothing to compare with yet" in sheet(viewer, "/report/")


def test_a_report_that_was_kept_says_the_same_whatever_happens(operator: Client) -> None:
    mixed_fleet()
    past(8)
    response = operator.post("/report/keep/", follow=True)
    assert response.redirect_chain[-1][0] == "/report/2026-11-24/"
    before = sheet(operator, "/report/2026-11-24/")
    files = [operator.get(f"/report/2026-11-24/report.{kind}").content for kind in ("json", "csv")]
    swept(host_row("prod-99"), one("newcomer", 99))
    Day.objects.all().delete()
    Service.objects.filter(name="search").update(name="found", slug="found")
    operator.post("/report/keep/")
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        operator.force_login(User.objects.get(username="olga"))
        assert sheet(operator, "/report/2026-11-24/") == before
        assert [operator.get(f"/report/2026-11-24/report.{kind}").content for kind in ("json", "csv")] == files
    assert "kept by olga" in before
    assert '<a href="/report/2026-11-24/">24 November 2026</a>' in operator.get("/report/").content.decode()
    with pytest.raises(KeptReportError):
        Report.objects.get().save()


def test_a_report_that_somebody_changed_is_not_shown(operator: Client) -> None:
    mixed_fleet()
    keep_report(NOW)
    Report.objects.update(digest="0" * 64)
    response = operator.get("/report/2026-11-24/", follow=True)
    assert b"cannot be shown, because its digest differs" in response.content
    assert operator.get("/report/2026-11-24/report.json").status_code == 404


def test_a_day_of_which_none_was_kept_is_told_from_the_history(viewer: Client) -> None:
    past(20)
    past(27, production=5, ready=1)
    text = sheet(viewer, "/report/2026-11-04/")
    assert "6 of 12 services run in containers in production: 50%." in text
    assert "5 of them are ready for it (83%)." in text
    assert "Since 28 October 2026: 1 more in production (was 5), 4 more ready (was 1)" in text
    assert "What held us back on that day was not kept." in text
    assert "1 of 4 hosts did not answer" in text
    assert "from the history" in text


@pytest.mark.parametrize(
    "path", ["/report/2026-11-05/", "/report/2026-11-25/", "/report/tomorrow/", "/report/report.xml"]
)
def test_what_is_not_there_is_not_found(viewer: Client, path: str) -> None:
    assert viewer.get(path).status_code == 404


def test_a_day_without_anything_says_so_and_leads_on(viewer: Client) -> None:
    assert b"No report of that day" in viewer.get("/report/2026-11-05/").content


def test_the_field_for_a_date_leads_to_that_days_address(viewer: Client) -> None:
    assert viewer.get("/report/?day=2026-11-04")["Location"] == "/report/2026-11-04/"


def test_a_viewer_keeps_nothing(viewer: Client) -> None:
    assert viewer.post("/report/keep/").status_code == 403
    assert b"Keep it as it is now" not in viewer.get("/report/").content


def test_files_have_every_figure_of_the_page(viewer: Client) -> None:
    """Whatever number stands on the sheet is a value, or the text of one, in both files."""
    mixed_fleet()
    past(8)
    for back in range(1, 4):
        past(back)
    document = json.loads(viewer.get("/report/report.json").content)
    rows = list(csv.DictReader(viewer.get("/report/report.csv").content.decode().splitlines()))
    assert [row["figure"] for row in rows] == [key for _, key, _, _ in figures_of(document)]
    known = {str(value) for _, _, value, _ in figures_of(document)}
    said = {word for row in rows for word in re.findall(r"\d+", row["in"])}
    text = sheet(viewer, "/report/").partition("How far they have come")
    shown = set(re.findall(r"(?<![\w-])\d+(?![\w-])", text[0] + text[2]))
    assert shown - known - said - words_with_numbers(document) == set()


def words_with_numbers(document: dict[str, Any]) -> set[str]:
    """Parts of days and times, and of why there is no forecast."""
    return set(re.findall(r"\d+", f"{document['title']} {document['at']} {document['outlook'].get('why')}"))


def test_a_cell_is_no_formula(viewer: Client) -> None:
    swept(host_row("staging-01", environment="staging"), one('=HYPERLINK("x")', 1))
    rows = list(csv.DictReader(viewer.get("/report/report.csv").content.decode().splitlines()))
    assert {row["value"] for row in rows if row["figure"] == "ready-in-staging-name"} == {'\'=HYPERLINK("x")'}


def test_without_a_service_it_says_what_to_do(viewer: Client) -> None:
    assert b"No host yet" in viewer.get("/report/").content
    host_row()
    assert b"Nothing to report yet" in viewer.get("/report/").content


def test_three_services_are_told_in_the_singular_and_without_a_forecast(viewer: Client) -> None:
    swept(host_row(), one("shop", 1))
    swept(host_row("staging-01", environment="staging"), one("search", 2))
    swept(host_row("dev-01", environment="development"), container(id="3" * 64, name="toy"))
    text = sheet(viewer, "/report/")
    assert "1 of 3 services runs in containers in production: 33%." in text
    assert "1 of them is ready for it (100%), at or above our load line of 80%." in text
    assert "No forecast: with fewer than 10 services" in text
    assert "Of 1 service in staging 1 is ready already" in text
    assert "A line appears here when figures of two days are kept." in text


def test_a_week_before_is_offered_where_there_is_one(viewer: Client) -> None:
    past(1)
    assert b"A week before" not in viewer.get("/report/").content
    past(7)
    assert b"A week before" in viewer.get("/report/").content
