"""The figures of adoption as a download, one line for each figure of each day."""

from __future__ import annotations

import csv
import io
from typing import Final

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
    """A day on which none was taken has no line. Written as it goes: a sheet of all of it would take thrice as long."""
    series = series_of(
        list(DEFINITIONS if choice.team is None else OF_TEAMS), choice.days, until=choice.day, team=choice.team
    )
    now = told(counts, choice) if choice.now else None
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(HEADERS)
    team = "(all)" if choice.team is None else harmless(choice.team)  # people and labels name teams
    for key, points in series.items():
        one = DEFINITIONS[key]
        for point in with_today(points, now, key) if now else points:
            if (number := point.number) is not None:
                counted = (number.part, number.whole, number.share, number.value)
                rest = (number.low, number.high, point.silent, point.carried, one.sentence)
                sheet.writerow((point.day, team, key, one.label, *counted, one.unit, *rest))
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="adoption-{choice.day}-{choice.days}-days.csv"'
    return response
