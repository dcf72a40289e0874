"""Adoption: how far the organisation has come, on any day, with where it came from and what others have published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from pydantic import ValidationError

from dashboard import adoption_shown as shown
from dashboard.adoption_choice import WINDOWS, Choice, chosen
from dashboard.adoption_compared import MOST, groups
from dashboard.adoption_csv import figures_csv
from dashboard.adoption_told import Told, nearest, teams_told, told, told_then
from dashboard.api.adoption import Asked, ComparisonAsked, FiguresOut, get_comparison, get_figures
from dashboard.api.errors import ApiError, refuse
from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import NO_TEAM, address
from dashboard.words import counted, day_word
from fleet.adoption import DEFINITIONS, HEADLINES, series_of
from fleet.adoption import definitions as d
from fleet.adoption.comparing import compare
from fleet.adoption.definitions import OF_TEAMS
from fleet.adoption.published import published

_REST = [key for key in DEFINITIONS if key not in HEADLINES]


def adoption(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request).ask("adoption")
    choice = chosen(request.GET, counts.now.date())
    now = told(counts, choice)
    context = {"choice": choice, **_controls(counts, choice)}
    if now is None:
        return render(request, "adoption/no_day.html", {**context, "nearest": _nearest(choice)})
    if choice.now and not counts.services:
        return render(request, "adoption/empty.html", context)
    return render(request, "adoption/adoption.html", {**context, **_shown(counts, choice, now)})


def adoption_csv(request: HttpRequest) -> HttpResponse:
    """Every figure of every day of the window; of today as it is counted now."""
    counts = counts_of(request).ask("adoption")
    return figures_csv(counts, chosen(request.GET, counts.now.date()))


def adoption_json(request: HttpRequest) -> HttpResponse:
    """As the API answers, for whoever is signed in: a browser has no token."""
    return _answered(lambda: get_figures(request, Asked.model_validate(request.GET.dict())))


def compare_json(request: HttpRequest) -> HttpResponse:
    return _answered(lambda: get_comparison(request, ComparisonAsked.model_validate(request.GET.dict())))


def _answered(ask: Callable[[], FiguresOut | HttpResponse]) -> HttpResponse:
    try:
        found = ask()
    except ApiError as error:
        return refuse(error.status, error.code, str(error))
    except ValidationError as error:
        return refuse(422, "invalid", "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors()))
    if isinstance(found, HttpResponse):
        return found
    return HttpResponse(found.model_dump_json(), content_type="application/json; charset=utf-8")


def _controls(counts: FleetCounts, choice: Choice) -> dict[str, Any]:
    teams = sorted({*counts.teams("services"), *counts.teams("hosts")})
    word = "No team" if choice.team == "" else choice.team
    return {
        "windows": [(str(days), f"{days} days") for days in WINDOWS],
        "window": str(choice.days),
        "teams": [(team or NO_TEAM, team or "No team", team == choice.team) for team in teams],
        "team_word": word,
        "whole_url": address("adoption", **choice.parameters(team=None)),
        "now_url": address("adoption", **choice.parameters(day=choice.today)),
        "csv_url": f"{reverse('adoption-csv')}{_query(choice)}",
        "json_url": f"{reverse('adoption-json')}{_query(choice)}",
    }


def _query(choice: Choice) -> str:
    return address("adoption", **choice.parameters()).removeprefix(reverse("adoption"))


def _nearest(choice: Choice) -> list[tuple[str, str]]:
    return [
        (day_word(day, year=True), address("adoption", **choice.parameters(day=day, since=None)))
        for day in nearest(choice.day)
    ]


def _shown(counts: FleetCounts, choice: Choice, now: Told) -> dict[str, Any]:
    series = _series(choice)
    if choice.now:  # the history has it as it was an hour ago
        series = {key: shown.with_today(points, now, key) for key, points in series.items()}
    since = choice.since or shown.first_known(series, choice)
    then = told_then(since, choice.team) if since else None
    before = then.numbers if then else {}
    return {
        "now": now,
        "headlines": shown.figure_rows(HEADLINES, now, before, series, choice),
        "trend": shown.trend_of(series, choice),
        "funnel": shown.funnel_steps(now, choice),
        "readiness": shown.readiness_bar(now, choice),
        "figures": shown.figure_rows(_REST, now, before, series, choice),
        "catalogue_note": _catalogue_note(now),
        "benchmarks": shown.benchmark_groups(now),
        "published": published(),
        **_teams(counts, choice),
        **_compared(choice, since if then else None),
    }


def _series(choice: Choice) -> shown.Series:
    """The headlines of every day, and of the rest as many days as a small trend has points; of a team, which is asked
    for beside everybody's days, all in one go.
    """
    if choice.team is not None:
        return series_of(OF_TEAMS, choice.days, until=choice.day, team=choice.team)
    rest = series_of(_REST, choice.days, until=choice.day, most=shown.POINTS)
    return {**series_of(HEADLINES, choice.days, until=choice.day), **rest}


def _catalogue_note(now: Told) -> str:
    number = now.numbers.get(d.SERVICES_IN_PRODUCTION)
    return f"{counted((number.whole or 0) if number else 0, 'service')} in the catalogue"


def _teams(counts: FleetCounts, choice: Choice) -> dict[str, Any]:
    told_of = teams_told(counts, choice)
    if choice.team is not None:
        mine = next((one for one in shown.team_rows(told_of, choice) if one.name == choice.team), None)
        return {"mine": mine}
    rows = shown.team_rows(told_of, choice)
    return {"team_rows": rows[: shown.MOST_TEAMS], "teams_left": max(0, len(rows) - shown.MOST_TEAMS)}


def _compared(choice: Choice, since: Any) -> dict[str, Any]:
    if since is None:
        return {"since": None}
    found = compare(since, choice.day, team=choice.team, most=MOST)
    told_of = groups(found)
    none = " or ".join(group.verb for group in told_of if not group.count)
    word = day_word(since, year=True)
    address_of_all = f"{reverse('adoption-compare')}{_query(replace(choice, since=since))}"
    return {
        "since": since,
        "since_word": word,
        "groups": told_of,
        "compare_url": address_of_all,
        "unchanged": none,
        "complete": found.complete,
    }
