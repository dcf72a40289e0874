"""Adoption."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.builders import OWNED, container
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
