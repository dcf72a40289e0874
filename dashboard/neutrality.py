"""How far services are from another engine, what ties them and what support ends, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.urls import reverse

from dashboard.charts import timeline
from dashboard.charts.bar import Segment
from dashboard.counted import FleetCounts
from dashboard.findings import evidence_pairs
from dashboard.lists import address
from dashboard.words import DISTANCES, STAGES, counted
from fleet.independence import EndingCount, TieCount
from fleet.models import Service
from fleet.neutrality import Bond, Distance, Effort, by_slug
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Verdict

#: What ends within so many days is near.
NEAR: Final = timedelta(days=180)
#: Services of which the names are shown and not squares.
_FEW: Final = 12
_MONTH: Final = 30.44
_YEARS: Final = 24  # months from which on years are said

#: What each distance means, beside its squares.
MEANINGS: Final = {
    Distance.FREE: "runs elsewhere as it is",
    Distance.DROP_IN: "a word or two where it is started",
    Distance.CONFIGURATION: "something beside it to set up",
    Distance.REWORK: "what it leans on has to be replaced",
    Distance.UNKNOWN: "facts are missing, or too old",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    name: str
    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The services at one distance; `squares` is empty where they are too many to draw, and `named` where they are so
    few that their names fit.
    """

    tone: str
    label: str
    meaning: str
    services: int
    url: str
    squares: Sequence[Square]
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow:
    """`width` is in percent of the bar of the change that holds most services."""

    title: str
    slug: str
    effort: str
    elsewhere: str
    change: str
    services: int
    url: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingRow:
    """`tone` and `word` are how it is marked; `when` says the day in words, `day` in figures."""

    title: str
    tone: str
    word: str
    day: str
    when: str
    note: str
    bar: timeline.Bar
    drawn: bool
    hosts: int
    hosts_url: str
    services: int
    services_url: str


def neutrality(counts: FleetCounts, stage: Stage) -> dict[str, Any]:
    """What the page of the pillar Runtime shows beside what all pillars do."""
    found = counts.ties
    distances = found.distances[stage.value]
    total, free = sum(distances.values()), distances[Distance.FREE.value]
    today = counts.now.date()
    return {
        "neutral_total": total,
        "neutral_free": free,
        "neutral_share_text": f"{percent(free, total)}%",
        "neutral_stage": STAGES[stage].lower(),
        "neutral_url": _services(stage, distance=Distance.FREE.value),
        "neutral_segments": _segments(distances, stage),
        "neutral_rows": _rows(distances, found.cells[stage.value], stage),
        "neutral_next": distances[Distance.DROP_IN.value],
        "neutral_next_url": _services(stage, distance=Distance.DROP_IN.value),
        "neutral_ties": _tie_rows(found.ties[stage.value], stage),
        "endings": [ending_row(one, today) for one in counts.support],
        "endings_note": _nearest(counts.support, today) if counts.support else "",
        "ticks": timeline.ticks(today),
        "today_at": timeline.today_at(),
    }


def _services(stage: Stage, **filters: str) -> str:
    return address("services", stage=stage.value, **filters)


def _segments(distances: Mapping[str, int], stage: Stage) -> list[Segment]:
    return [
        Segment(
            tone=f"distance-{one.value}",
            label=word,
            count=distances[one.value],
            url=_services(stage, distance=one.value),
        )
        for one, word in DISTANCES.items()
    ]


def _rows(distances: Mapping[str, int], cells: Sequence[tuple[str, str, str, int]], stage: Stage) -> list[Row]:
    squares: dict[str, list[Square]] = {one.value: [] for one in Distance}
    for name, slug, distance, changes in cells:
        told = f", {counted(changes, 'change')}" if changes else ""
        label = f"{name}: {DISTANCES[Distance(distance)].lower()}{told}"
        squares[distance].append(Square(name=name, url=reverse("service", args=[slug]), label=label))
    return [
        Row(
            tone=f"distance-{one.value}",
            label=word,
            meaning=MEANINGS[one],
            services=distances[one.value],
            url=_services(stage, distance=one.value),
            squares=squares[one.value],
            named=0 < len(cells) <= _FEW,
        )
        for one, word in DISTANCES.items()
        if distances[one.value]
    ]


def _tie_rows(counts: Sequence[TieCount], stage: Stage) -> list[TieRow]:
    known = by_slug()
    changes = [one.services for one in counts if one.heaviest is not Effort.HOST]
    most = max(changes or [one.services for one in counts], default=1)
    return [
        TieRow(
            title=known[one.slug].title,
            slug=one.slug,
            effort=one.heaviest.value,
            elsewhere=known[one.slug].elsewhere,
            change=known[one.slug].change,
            services=one.services,
            url=_services(stage, tie=one.slug),
            width=f"{min(100.0, 100 * one.services / most):.1f}%",
        )
        for one in counts
    ]


def ending_row(one: EndingCount, today: date) -> EndingRow:
    ending = one.ending
    tone, word = _mark(one, today)
    extended = f"; for some until {_day(ending.extended)}" if ending.extended else ""
    day = _day(ending.end) if ending.end else "not told" if ending.reason or ending.over else "no end announced"
    return EndingRow(
        title=ending.title,
        tone=tone,
        word=word,
        day=day,
        when=_when(ending.end, today) if ending.end and not ending.reason else "",
        note=ending.reason or extended.removeprefix("; "),
        bar=timeline.bar(ending.end, ending.extended, today),
        drawn=not (ending.reason or ending.over),
        hosts=one.hosts,
        hosts_url=address("hosts", ending=ending.slug),
        services=one.services,
        services_url=address("services", ending=ending.slug),
    )


def _mark(one: EndingCount, today: date) -> tuple[str, str]:
    """Tone of a verdict, and the word beside it."""
    ending = one.ending
    if ending.reason:
        return Verdict.UNKNOWN.value, "Unknown"
    if ending.over or (ending.end and today > (ending.extended or ending.end)):
        return Verdict.NOT_READY.value, "Ended"
    if ending.end and today > ending.end:
        return Verdict.AT_RISK.value, "Long-term only"
    if ending.end and ending.end - today <= NEAR:
        return Verdict.AT_RISK.value, "Ends soon"
    return Verdict.READY.value, "Supported"


def _nearest(support: Sequence[EndingCount], today: date) -> str:
    """How many have ended, and how many end soon."""
    words = [_mark(one, today)[1] for one in support]
    ended, soon = words.count("Ended"), words.count("Ends soon")
    return f"{ended} ended, {soon} end within {NEAR.days} days · with the services on those hosts, of every stage"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def _when(day: date, today: date) -> str:
    """`in 5 months`, `2 years ago`."""
    days = abs((day - today).days)
    months = round(days / _MONTH)
    said = (
        counted(days, "day") if months < 2 else counted(months, "month") if months < _YEARS  # noqa: PLR2004
        else counted(round(days / 365.25), "year")
    )  # fmt: skip
    return "today" if not days else f"in {said}" if day > today else f"{said} ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class BondRow:
    """One tie of one service, with what to do about it."""

    title: str
    about: str
    effort: str
    elsewhere: str
    change: str
    evidence: Sequence[tuple[str, str]]
    containers: str
    sources: Sequence[str]
    url: str


def bonds_of(service: Service) -> dict[str, Any]:
    """What the page of a service says of its ties; nothing is known of one whose evidence is stale."""
    reading = service.read_ties()
    stale: bool = getattr(service, "rests_on_stale", False)
    distance = Distance.UNKNOWN if stale else reading.distance
    return {
        "distance": distance.value,
        "meaning": MEANINGS[distance],
        "changes": [_bond_row(one) for one in reading.changes],
        "preparations": [_bond_row(one) for one in reading.preparations],
        "missing": reading.missing,
        "looked_for": len(by_slug()) if distance is Distance.FREE and not reading.bonds else 0,
        "stale": stale,
    }


def _bond_row(bond: Bond) -> BondRow:
    tie = by_slug()[bond.slug]
    told = {name: values[0] if len(values) == 1 else list(values) for name, values in bond.evidence.items()}
    return BondRow(
        title=tie.title,
        about=tie.about,
        effort=bond.effort.value,
        elsewhere=tie.elsewhere,
        change=bond.change or tie.change,
        evidence=evidence_pairs(told),
        containers=counted(bond.containers, "container"),
        sources=tie.sources,
        url=address("services", tie=bond.slug),
    )
