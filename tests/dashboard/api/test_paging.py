"""Cursor pages."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from fleet.models import Host
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def _names(client: Client, query: str = "") -> tuple[list[str], str | None]:
    body = client.get(f"/api/v1/hosts{query}").json()
    return [item["name"] for item in body["items"]], body["next_cursor"]


def test_pages_join_into_the_whole_list_without_a_row_twice(viewer: Client) -> None:
    for number in range(7):
        host_row(f"host-{number}")
    first, cursor = _names(viewer, "?limit=3")
    second, further = _names(viewer, f"?limit=3&cursor={cursor}")
    third, end = _names(viewer, f"?limit=3&cursor={further}")
    assert [*first, *second, *third] == [f"host-{number}" for number in range(7)]
    assert end is None


def test_a_page_that_is_exactly_full_is_the_last(viewer: Client) -> None:
    host_row("a")
    host_row("b")
    assert _names(viewer, "?limit=2") == (["a", "b"], None)


def test_rows_that_went_between_two_pages_shift_nothing(viewer: Client) -> None:
    for name in "abcd":
        host_row(name)
    _, cursor = _names(viewer, "?limit=2")
    Host.objects.get(name="a").delete()
    assert _names(viewer, f"?limit=2&cursor={cursor}") == (["c", "d"], None)


def _coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "ä",
        _coded("after:-1"),
        _coded("after:x"),
        _coded("after:" + "9" * 30),
        _coded("sheet:1:x"),
        _coded("after:1:x"),
    ],
)
def test_a_made_up_cursor_is_refused_by_name(cursor: str, viewer: Client) -> None:
    answer = viewer.get("/api/v1/hosts", {"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "501", "many", "-1"])
def test_a_limit_out_of_bounds_is_refused_by_name(limit: str, viewer: Client) -> None:
    answer = viewer.get("/api/v1/hosts", {"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "limit"


def test_a_mistyped_filter_is_refused_with_the_nearest_one(viewer: Client) -> None:
    answer = viewer.get("/api/v1/hosts", {"enviroment": "production"})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "unknown-parameter",
        "message": "There is no parameter enviroment; did you mean environment?",
        "field": "enviroment",
    }


def test_a_word_that_a_filter_does_not_know_is_refused_with_those_it_knows(viewer: Client) -> None:
    answer = viewer.get("/api/v1/hosts", {"verdict": "fine"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "verdict"
    assert "not-ready" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("noun", "field"),
    [
        *((noun, "q") for noun in ("hosts", "services", "containers", "images", "findings")),
        *((f"adoption/{noun}", "team") for noun in ("figures", "history", "compare")),
        ("what-if", "host"),
    ],
)
def test_a_zero_byte_is_refused_by_name_on_every_database(noun: str, field: str, viewer: Client) -> None:
    answer = viewer.get(f"/api/v1/{noun}?{field}=a&{field}=%00")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert viewer.get("/api/v1/hosts/%00").status_code == 404
