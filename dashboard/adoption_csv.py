"""The figures of adoption as a download, one line for each figure of each day."""

from __future__ import annotations

from typing import Final

import tablib
from django.http import HttpResponse

from dashboard.adoption_choice import Choice
from dashboard.adoption_shown import with_today
from dashboard.adoption_told import told
from dashboard.counted import FleetCounts
from dashboard.sheets import harmless
from fleet.adoption import DEFINITIONS, Definition, Point, series_of
from fleet.adoption.definitions import OF_TEAMS

HEADERS: Final = (
    "date", "team", "figure", "label", "part", "whole", "percent", "value", "unit", "low", "high", "silent_hosts",
    "carried_services", "definition",
)  # fmt: skip


def figures_csv(counts: FleetCounts, choice: Choice) -> HttpResponse:
    keys = list(DEFINITIONS if choice.team is None else OF_TEAMS)
    series = series_of(keys, choice.days, until=choice.day, team=choice.team)
    now = told(counts, choice) if choice.now else None
    sheet = tablib.Dataset(headers=HEADERS)
    for key, points in series.items():
        for point in with_today(points, now, key) if now else points:
            if point.number is not None:
                sheet.append(_line(DEFINITIONS[key], point, choice))
    response = HttpResponse(sheet.export("csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="adoption-{choice.day}-{choice.days}-days.csv"'
    return response


def _line(definition: Definition, point: Point, choice: Choice) -> list[str]:
    number = point.number
    if number is None:
        raise ValueError("a day without a number has no line")
    cells = (
        point.day.isoformat(),
        "(all)" if choice.team is None else choice.team,
        definition.key,
        definition.label,
        number.part,
        number.whole,
        number.share,
        number.value,
        definition.unit,
        number.low,
        number.high,
        point.silent,
        point.carried,
        definition.sentence,
    )
    return [harmless(cell) for cell in cells]
