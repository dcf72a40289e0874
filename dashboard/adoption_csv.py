"""The figures of adoption as a download, one line for each figure of each day."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse

from dashboard.adoption_choice import Choice
from dashboard.adoption_shown import with_today
from dashboard.adoption_told import told
from dashboard.counted import FleetCounts
from dashboard.sheets import harmless
from fleet.adoption import DEFINITIONS, series_of
from fleet.adoption.definitions import OF_TEAMS

HEADERS: Final = (
    "date", "team", "figure", "label", "part", "whole", "percent", "value", "unit", "low", "high", "silent_hosts",
    "carried_services", "definition",
)  # fmt: skip


def figures_csv(counts: FleetCounts, choice: Choice) -> HttpResponse:
    """A day on which none was taken has no line. What all lines of a figure say is written once, and only numbers are
    put between: a year of all figures is seven thousand lines.
    """
    series = series_of(
        list(DEFINITIONS if choice.team is None else OF_TEAMS), choice.days, until=choice.day, team=choice.team
    )
    now = told(counts, choice) if choice.now else None
    lines = [_cells(HEADERS)]
    team = "(all)" if choice.team is None else harmless(choice.team)  # people and labels name teams
    for key, points in series.items():
        one = DEFINITIONS[key]
        who, unit, definition = _cells((team, key, one.label)), _cells((one.unit,)), _cells((one.sentence,))
        lines.extend(
            f"{point.day},{who},{_n(number.part)},{_n(number.whole)},{_n(number.share)},{_n(number.value)},"
            f"{unit},{_n(number.low)},{_n(number.high)},{point.silent},{point.carried},{definition}"
            for point in (with_today(points, now, key) if now else points)
            if (number := point.number) is not None
        )
    response = HttpResponse("\r\n".join([*lines, ""]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="adoption-{choice.day}-{choice.days}-days.csv"'
    return response


def _cells(values: Sequence[Any]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    return text.getvalue().removesuffix("\r\n")


def _n(number: float | None) -> str:
    return "" if number is None else str(number)
