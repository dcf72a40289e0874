"""Figures of any day, and how they went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from fleet.adoption import DEFINITIONS, Number, figures_at, record_day, series, series_of
from fleet.models import Day, TeamDay
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def _three_days_with_a_gap() -> None:
    host = host_row("prod-01", team="payments")
    for days in (0, 1, 3):
        names = [f"s{number}" for number in range(days + 1)]
        shops = [
            container(id=f"{number:064x}", name=name, labels={**OWNED, "loadline.service": name})
            for number, name in enumerate(names)
        ]
        swept(host, *shops, now=NOW + days * DAY)
        record_day(NOW + days * DAY)


@pytest.mark.usefixtures("_three_days_with_a_gap")
def test_a_day_on_which_nothing_was_taken_is_a_gap() -> None:
    points = series("services-in-production", 5, until=TODAY + 3 * DAY)
    assert [point.number and point.number.part for point in points] == [None, 1, 2, None, 4]
    assert [point.day for point in points] == [TODAY + number * DAY for number in range(-1, 4)]
    assert figures_at(TODAY + 2 * DAY) is None


@pytest.mark.usefixtures("_three_days_with_a_gap")
def test_a_team_has_its_own() -> None:
    team = OWNED["loadline.team"]
    every = {row.team for row in TeamDay.objects.all()}
    assert team in every
    found = figures_at(TODAY, team=team)
    assert found is not None
    assert set(found.numbers) < set(DEFINITIONS)
    points = series("services-in-production", 4, until=TODAY + 3 * DAY, team=team)
    assert [point.number and point.number.part for point in points] == [1, 2, None, 4]
    nobody = figures_at(TODAY, team="nobody")
    assert nobody is not None
    assert nobody.numbers == {}


@pytest.mark.usefixtures("_three_days_with_a_gap")
def test_many_figures_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        series_of(list(DEFINITIONS), 365, until=TODAY + 3 * DAY)


def test_a_figure_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        series("happiness", 7, until=TODAY)
    with pytest.raises(KeyError):
        series("teams-adopter", 7, until=TODAY, team="payments")


def from_before(*, days: int) -> None:
    """Days up to today of which only a few numbers were kept."""
    counts = {"services": 10, "stage_none": 1, "stage_experiment": 2, "stage_staging": 3, "stage_production": 4}
    verdicts = {"ready": 1, "at_risk": 1, "not_ready": 1, "unknown": 1}
    Day.objects.bulk_create(
        Day(day=TODAY - number * DAY, **counts, **verdicts, hosts=5, hosts_answering=4, containers=20)
        for number in range(days)
    )


def test_a_day_from_before_all_figures_were_kept_tells_what_it_can() -> None:
    from_before(days=1)
    found = figures_at(TODAY)
    assert found is not None
    assert found.numbers["services-in-production"] == Number(part=4, whole=10)
    assert found.numbers["ready-in-production"] == Number(part=1, whole=4)
    assert found.silent == 1
    assert "lead-time" not in found.numbers


@pytest.mark.parametrize("keys", [["services-in-production"], [key for key in DEFINITIONS if key != "lead-time"]])
def test_many_such_days_cost_one_query_more(keys: list[str], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    from_before(days=90)
    with django_assert_num_queries(2):
        found = series_of(keys, 90, until=TODAY)
    assert {point.number for point in found["services-in-production"]} == {Number(part=4, whole=10)}
