"""The adoption page's parts as plain rows: headlines, the funnel, every figure, teams, and what others published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboard.adoption_choice import Choice
from dashboard.adoption_told import TeamTold, Told
from dashboard.adoption_words import USES, Change, band_word, change_of, rests_word, value_word
from dashboard.charts.bar import Segment, verdict_segments
from dashboard.charts.funnel import Step
from dashboard.charts.trend import Line, Trend, trend
from dashboard.lists import NO_TEAM, address
from dashboard.words import STAGES
from fleet.adoption import DEFINITIONS, HEADLINES, Number, Point
from fleet.adoption import definitions as d
from fleet.adoption.published import Benchmark, compared
from fleet.adoption.usage import Use
from fleet.readiness.vocabulary import Stage, Verdict

#: Points of a small trend: more of them than it has pixels say nothing.
POINTS: Final = 60
_TONES: Final = ("services", "hosts", "containers")
MOST_TEAMS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One number with the sentence that defines it and the list behind it; `url` is empty for a day of the past."""

    key: str
    label: str
    value: str
    rests: str
    sentence: str
    url: str
    change: Change | None
    trend: Sequence[float | None]
    unit: str
    better: int  # 1 when more is better, -1 when less is
    band: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """`name` is empty for services that no label and no host gives a team."""

    name: str
    url: str
    use: str
    use_tone: str
    segments: Sequence[Segment]
    services: Number
    hosts: Number
    containers: Number
    ready: Number
    lead: str
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    benchmark: Benchmark
    percent: str  # with what bounds it


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkGroup:
    """`ours` is a whole percent, None when it is unknown or nothing of ours is like it."""

    title: str
    caution: str
    label: str
    ours: int | None
    rows: Sequence[BenchmarkRow]


Series = Mapping[str, Sequence[Point]]


def figure_rows(
    keys: Sequence[str], now: Told, before: Mapping[str, Number], series: Series, choice: Choice
) -> list[FigureRow]:
    rows = []
    for key in keys:
        definition, number = DEFINITIONS[key], now.numbers.get(key)
        if number is None and choice.team is not None:
            continue
        rows.append(
            FigureRow(
                key=key,
                label=definition.label,
                value=value_word(definition, number),
                rests=rests_word(definition, number),
                sentence=definition.sentence,
                url=behind(key, choice),
                change=change_of(definition, before.get(key), number),
                trend=[_height(key, point.number) for point in _thinned(series.get(key, ()))],
                unit=" days" if definition.unit == "days" else "%",
                better=definition.better,
                band=band_word(number),
                tone=_TONES[HEADLINES.index(key)] if key in HEADLINES else "",
            )
        )
    return rows


def behind(key: str, choice: Choice, *, team: str | None = None) -> str:
    """The list of it; lists show today, so a day of the past has none."""
    found, wanted = DEFINITIONS[key].behind, choice.team if team is None else team
    if found is None or not choice.now:
        return ""
    page, filters = found
    return address(page, **filters, **({} if wanted is None else {"team": wanted or NO_TEAM}))


def _height(key: str, number: Number | None) -> float | None:
    if number is None:
        return None
    return number.value if DEFINITIONS[key].unit == "days" else number.share


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most so many of them, evenly apart, the last one among them."""
    if len(points) <= POINTS:
        return points
    return [points[round(place * (len(points) - 1) / (POINTS - 1))] for place in range(POINTS)]


def trend_of(series: Series, choice: Choice) -> Trend:
    points = series[HEADLINES[0]]
    lines = [
        Line(
            label=DEFINITIONS[key].unit.capitalize(),
            tone=tone,
            values=[point.number.share if point.number else None for point in series[key]],
            url=behind(key, choice),
        )
        for key, tone in zip(HEADLINES, _TONES, strict=True)
    ]
    return trend(lines, days=[point.day for point in points], carried=[point.silent > 0 for point in points])


def funnel_steps(now: Told, choice: Choice) -> list[Step]:
    """From the catalogue to what is ready in production; a step has all that came at least so far."""
    counts = {stage: (now.numbers.get(d.stage_key(stage)) or Number()).part or 0 for stage in Stage}
    whole = sum(counts.values())
    team = {} if choice.team is None else {"team": choice.team or NO_TEAM}
    every = address("services", **team) if choice.now else ""
    ready = (now.numbers.get(d.verdict_key(Verdict.READY)) or Number()).part or 0
    return [
        Step(label="In the catalogue", count=whole, tone="stage-none", url=every),
        Step(label="Seen in containers", count=whole - counts[Stage.NONE], tone="stage-experiment"),
        Step(
            label="In staging or further",
            count=counts[Stage.STAGING] + counts[Stage.PRODUCTION],
            tone="stage-staging",
        ),
        Step(
            label="In production",
            count=counts[Stage.PRODUCTION],
            tone="stage-production",
            url=behind(d.stage_key(Stage.PRODUCTION), choice),
        ),
        Step(
            label="Ready in production",
            count=ready,
            tone="ready",
            url=behind(d.verdict_key(Verdict.READY), choice),
        ),
    ]


def stage_bar(numbers: Mapping[str, Number], choice: Choice, *, team: str | None = None) -> list[Segment]:
    return [
        Segment(
            tone=f"stage-{stage.value}",
            label=word,
            count=(numbers.get(d.stage_key(stage)) or Number()).part or 0,
            url=behind(d.stage_key(stage), choice, team=team),
        )
        for stage, word in STAGES.items()
    ]


def readiness_bar(now: Told, choice: Choice) -> list[Segment]:
    counts = {one.value: (now.numbers.get(d.verdict_key(one)) or Number()).part or 0 for one in Verdict}
    if not choice.now:
        return verdict_segments(counts)
    url = behind(d.stage_key(Stage.PRODUCTION), choice)
    return verdict_segments(counts, url=f"{url}&verdict=")


def team_rows(teams: Sequence[TeamTold], choice: Choice) -> list[TeamRow]:
    """Those with most services first; what no team has comes last."""
    rows = [_team_row(one, choice) for one in teams]
    return sorted(rows, key=lambda row: (not row.name, -(row.services.whole or 0), row.name))


def _team_row(one: TeamTold, choice: Choice) -> TeamRow:
    def number(key: str) -> Number:
        return one.numbers.get(key) or Number()

    tone, word = USES[Use(one.use)] if one.use else ("", "")
    return TeamRow(
        name=one.team,
        url=address("adoption", **choice.parameters(team=one.team)),
        use=word,
        use_tone=tone,
        segments=stage_bar(one.numbers, choice, team=one.team),
        services=number(d.SERVICES_IN_PRODUCTION),
        hosts=number(d.HOSTS_IN_PRODUCTION),
        containers=number(d.CONTAINERS_IN_PRODUCTION),
        ready=number(d.verdict_key(Verdict.READY)),
        lead=value_word(DEFINITIONS[d.LEAD_TIME], one.numbers.get(d.LEAD_TIME)),
        links={
            "services": address("services", team=one.team or NO_TEAM) if choice.now else "",
            "production": behind(d.SERVICES_IN_PRODUCTION, choice, team=one.team),
            "hosts": behind(d.HOSTS_IN_PRODUCTION, choice, team=one.team),
            "containers": behind(d.CONTAINERS_IN_PRODUCTION, choice, team=one.team),
            "ready": behind(d.verdict_key(Verdict.READY), choice, team=one.team),
        },
    )


def benchmark_groups(now: Told) -> list[BenchmarkGroup]:
    return [
        BenchmarkGroup(
            title=one.beside.title,
            caution=one.beside.caution,
            label=DEFINITIONS[one.beside.key].label,
            ours=one.ours.share if one.ours and one.beside.kind != "any" else None,
            rows=[BenchmarkRow(benchmark=entry, percent=_percent(entry)) for entry in one.published],
        )
        for one in compared(now.numbers)
    ]


def _percent(entry: Benchmark) -> str:
    bound = {"more than": ">\u202f", "about": "≈\u202f", "": ""}[entry.bound]
    return f"{bound}{entry.percent:g}%"


def first_known(series: Series, choice: Choice) -> date | None:
    """The first day of the window that has figures and is not the day itself."""
    points = series[HEADLINES[0]]
    return next((point.day for point in points if point.number is not None and point.day < choice.day), None)


def with_today(points: Sequence[Point], now: Told, key: str) -> list[Point]:
    """The series with its last point as it is counted now; the history has it as it was up to an hour ago."""
    number = now.numbers.get(key)
    return [*points[:-1], Point(day=now.day, number=number, silent=now.silent, carried=now.carried)]
