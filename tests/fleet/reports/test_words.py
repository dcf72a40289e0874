from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.adoption.forecast import NoForecast
from fleet.reports.known import Moves, Named, Tally
from fleet.reports.saying import as_text, names, number, say
from fleet.reports.words import document_of
from tests.fleet.reports.knowns import DAY, full, tally


def said(document: dict[str, Any], key: str) -> list[str]:
    section = next(one for one in document["sections"] if one["key"] == key)
    return [as_text(sentence).replace("\u202f", " ") for sentence in section["sentences"]]


def test_a_number_is_grouped_and_keeps_its_value() -> None:
    (piece,) = say("{n}", n=number("services", 12345, "service", page="services", stage="staging"))
    assert (piece["text"], piece["value"]) == ("12\u202f345 services", 12345)
    assert (piece["page"], piece["filters"]) == ("services", {"stage": "staging"})


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and 1 other"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 others"),
    ],
)
def test_three_names_are_listed_and_the_others_counted(of: list[str], text: str) -> None:
    assert as_text(names("came", [(one, one) for one in of])) == text


def test_of_a_total_that_is_not_listed_the_rest_is_counted_all_the_same() -> None:
    assert as_text(names("ready", [("a", "a"), ("b", "b")], total=9)) == "a, b and 7 others"


def test_a_service_that_is_forgotten_leads_nowhere() -> None:
    (piece,) = names("came", [("", "gone")])
    assert "page" not in piece


def test_the_stages_say_how_many_have_come_so_far_or_further() -> None:
    rows = document_of(full())["funnel"]
    assert [(row["stage"], row["count"], row["reached"]) for row in rows] == [
        ("none", 1000, 9876),
        ("experiment", 1555, 8876),
        ("staging", 3000, 7321),
        ("production", 4321, 4321),
    ]
    assert sum(row["count"] for row in rows) == 9876


def test_a_fall_is_said_as_one() -> None:
    known = full()
    assert known.then is not None
    fallen = replace(known, then=tally(production=4500, services=9876, back=7), moves=Moves(fell=(Named("a", "a"),)))
    assert said(document_of(fallen), "changed") == [
        (
            "Since 17 November 2026: 179 fewer in production (was 4 500), as many ready (was 2 222) and as many in"
            " the catalogue (was 9 876)."
        ),
        "No longer ready: a.",
    ]
    document = document_of(fallen)
    pieces = [piece for sentence in document["sections"][1]["sentences"] for piece in sentence if "key" in piece]
    assert {piece["key"]: piece["value"] for piece in pieces}["production-change"] == -179


def test_without_a_forecast_the_reason_stands_there() -> None:
    known = replace(full(), outlook=NoForecast(reason="old", why="the newest day that is known is 2026-11-01."))
    document = document_of(known)
    assert said(document, "outlook") == ["No forecast: the newest day that is known is 2026-11-01."]
    assert document["outlook"]["none"] == "old"


def test_an_interval_is_rounded_outwards() -> None:
    known = full()
    assert not isinstance(known.outlook, NoForecast)
    end = replace(known.outlook.end, expected=50.5, low=40.9, high=60.1)
    document = document_of(replace(known, outlook=replace(known.outlook, path=(known.outlook.path[0], end))))
    assert "between 40% and 61%" in said(document, "outlook")[0]


def test_no_service_in_production_is_said_without_a_verdict() -> None:
    none = Tally(day=DAY, services=5, by_stage={"none": 5}, verdicts={}, hosts=1, answering=1)
    document = document_of(replace(full(), now=none))
    assert as_text(document["lead"][0]) == "None of 5 services runs in containers in production yet."
    assert said(document, "standing") == [
        "So there is nothing yet of which one could say that it is ready for production."
    ]


def test_every_host_that_answers_is_said_with_the_oldest_answer() -> None:
    known = full()
    every = replace(known, now=replace(known.now, answering=known.now.hosts))
    assert said(document_of(every), "unknown")[0] == "All of 1 234 hosts answered, the oldest answer 4 minutes before."


def test_gaps_count_from_the_first_day_that_is_known() -> None:
    known = full()
    young = tuple(replace(one, part=None) if one.day < DAY - timedelta(days=60) else one for one in known.trend)
    assert "Of the last 61 days 19 have no figures, and the trend has a gap there." in said(
        document_of(replace(known, trend=young)), "unknown"
    )
