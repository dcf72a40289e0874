"""Adoption."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from dashboard.api.adoption import ComparisonOut, PointOut
from fleet.adoption import record_day
from fleet.models import Service
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def test_the_numbers_add_up(viewer: Client) -> None:
    swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}, privileged=True))
    swept(host_row("b", environment="test"), container(labels={**OWNED, "loadline.service": "toy"}))
    body = viewer.get("/api/v1/adoption").json()
    assert body["services"] == sum(body["by_stage"].values()) == 2
    assert body["by_stage"]["production"] == sum(body["verdicts"].values()) == 1
    assert body["verdicts"]["not-ready"] == 1
    assert sum(body["pillars"]["hardening"].values()) == 1
    assert [row["hosts"] for row in body["by_environment"]] == [1, 0, 1, 0]
    assert (body["adoption_percent"], body["ready_percent"], body["above_the_line"]) == (50, 0, False)


def test_an_empty_fleet_has_no_percentages(viewer: Client) -> None:
    body = viewer.get("/api/v1/adoption").json()
    assert (body["services"], body["adoption_percent"], body["ready_percent"]) == (0, None, None)


def day(days: int) -> str:
    return (NOW - timedelta(days=days)).date().isoformat()


@pytest.fixture
def _history() -> None:
    swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}))
    record_day(NOW - timedelta(days=5))
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=NOW)
    record_day(NOW - timedelta(days=1))


@pytest.mark.usefixtures("_history")
def test_what_is_written_as_it_stands_is_of_the_shape_that_is_documented(viewer: Client) -> None:
    history = viewer.get(f"/api/v1/adoption/history?days=7&date={day(0)}").json()
    for points in history.values():
        for point in points:
            assert PointOut.model_validate(point).model_dump(mode="json") == point
    found = viewer.get(f"/api/v1/adoption/compare?since={day(5)}&date={day(1)}").json()
    assert ComparisonOut.model_validate(found).model_dump(mode="json") == found
    assert [one["service"] for one in found["came"]] == ["mainframe"]


@pytest.mark.usefixtures("_history")
def test_a_day_without_figures_is_refused_with_the_nearest(viewer: Client) -> None:
    response = viewer.get(f"/api/v1/adoption/figures?date={day(3)}")
    assert response.status_code == 404
    error = response.json()["error"]
    assert error["field"] == "date"
    assert day(5) in error["message"]
    assert day(1) in error["message"]


@pytest.mark.usefixtures("_history")
def test_a_figure_that_there_is_not_is_refused_with_those_that_there_are(viewer: Client) -> None:
    response = viewer.get("/api/v1/adoption/history?figure=happiness")
    assert response.status_code == 404
    assert "lead-time" in response.json()["error"]["message"]


def test_benchmarks_come_with_their_source(viewer: Client) -> None:
    rows = viewer.get("/api/v1/adoption/benchmarks").json()
    assert rows[0]["date"].startswith("2015")
    assert all(row["source"] for row in rows)
