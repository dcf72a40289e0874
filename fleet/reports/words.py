"""A report in plain words: what is known becomes sentences and tables, and every figure of them has a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleet.adoption.forecast import CHANCE, Forecast, NoForecast
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.reports.holding import holding_section
from fleet.reports.known import Known, Moves, Named, Tally
from fleet.reports.saying import Sentence, be, grouped, long_day, names, number, say, share
from fleet.reports.unknown import unknown_section

FORMAT: Final = "loadline-report/1"
_PRODUCTION: Final = {"stage": Stage.PRODUCTION.value}
STAGE_WORDS: Final = {
    Stage.NONE: "not in containers",
    Stage.EXPERIMENT: "experiment",
    Stage.STAGING: "staging",
    Stage.PRODUCTION: "production",
}


def document_of(known: Known) -> dict[str, Any]:
    """Plain data that a page, a mail and files are made from, today and in ten years; nothing in it is looked up."""
    return {
        "format": FORMAT,
        "day": known.day.isoformat(),
        "title": f"Report of {long_day(known.day)}",
        "at": known.at.isoformat() if known.at else None,
        "simulated": known.simulated,
        "lead": [_lead(known.now)],
        "sections": [
            {"key": "standing", "title": "Where we stand", "sentences": list(_standing(known))},
            {"key": "changed", "title": "What changed", "sentences": list(_changed(known))},
            holding_section(known),
            {"key": "outlook", "title": "Where it is going", "sentences": list(_outlook(known.outlook))},
            unknown_section(known),
        ],
        "funnel": _funnel(known.now),
        "trend": [[one.day.isoformat(), one.part, one.whole] for one in known.trend],
        "outlook": _plain_outlook(known.outlook),
        "load_line": known.load_line,
    }


def _lead(now: Tally) -> Sentence:
    if not now.services:
        return say("The catalogue has no service yet.")
    if not now.production:
        return say(
            "None of {services} runs in containers in production yet.",
            services=number("services", now.services, "service", page="services"),
        )
    return say(
        "{production} of {services} " + be(now.production, "runs", "run") + " in containers in production: {share}.",
        production=number("in-production", now.production, page="services", **_PRODUCTION),
        services=number("services", now.services, "service", page="services"),
        share=share("adoption-percent", percent(now.production, now.services)),
    )


def _standing(known: Known) -> Iterator[Sentence]:
    now = known.now
    if not now.production:
        if now.services:
            yield say("So there is nothing yet of which one could say that it is ready for production.")
        return
    yield _ready(known)
    rest = [
        (
            verdict,
            number(f"{verdict.value}-in-production", count, page="services", verdict=verdict.value, **_PRODUCTION),
        )
        for verdict in (Verdict.AT_RISK, Verdict.NOT_READY, Verdict.UNKNOWN)
        if (count := now.verdicts.get(verdict.value, 0))
    ]
    words = {
        Verdict.AT_RISK: "{at_risk} {be} at risk",
        Verdict.NOT_READY: "{not_ready} {be} not ready",
        Verdict.UNKNOWN: "of {unknown} nobody can tell",
    }
    if rest:
        parts = [words[verdict].replace("{be}", be(told.value)) for verdict, told in rest]
        template = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
        template = template[0].upper() + template[1:]
        yield say(f"{template}.", **{verdict.value.replace("-", "_"): told for verdict, told in rest})


def _ready(known: Known) -> Sentence:
    now, line = known.now, known.load_line
    ready = number("ready-in-production", now.ready, page="services", verdict=Verdict.READY.value, **_PRODUCTION)
    told = {"ready": ready, "share": share("ready-percent", percent(now.ready, now.production))}
    begin = "{ready} of them " + be(now.ready) + " ready for it ({share})"
    if line is None:
        return say(f"{begin}.", **told)
    missing = max(0, -(-line * now.production // 100) - now.ready)
    told["line"] = share("load-line", line)
    if not missing:
        return say(f"{begin}, at or above our load line of {{line}}.", **told)
    told["missing"] = number("missing-to-the-line", missing)
    return say(f"{begin}, below our load line of {{line}}; {{missing}} more would reach it.", **told)


def _changed(known: Known) -> Iterator[Sentence]:
    then, now = known.then, known.now
    if then is None:
        yield say(
            "There is nothing to compare with yet: no figures were kept a week before. The next report will say what"
            " changed since this one."
        )
        return
    parts = [
        _step(
            "production-change", now.production - then.production, "in production", f"was {grouped(then.production)}"
        ),
        _step("ready-change", now.ready - then.ready, "ready", f"was {grouped(then.ready)}"),
        _step("services-change", now.services - then.services, "in the catalogue", f"was {grouped(then.services)}"),
    ]
    template = "Since {day}: {a}, {b} and {c}."
    day = {"key": "since", "value": then.day.isoformat(), "text": long_day(then.day), "page": "report-day",
           "args": [then.day.isoformat()], "filters": {}}  # fmt: skip
    yield say(template, day=[day], a=parts[0], b=parts[1], c=parts[2])
    yield from _moves(known.moves)


def _step(key: str, change: int, where: str, before: str) -> Sentence:
    if not change:
        return say(f"{{none}} {where} ({before})", none=_as_many(key))
    word = "more" if change > 0 else "fewer"
    return say(
        f"{{change}} {word} {where} ({before})", change=number(key, abs(change)) if change > 0 else _fewer(key, change)
    )


def _as_many(key: str) -> Sentence:
    return [{"key": key, "value": 0, "text": "as many"}]


def _fewer(key: str, change: int) -> Sentence:
    return [{"key": key, "value": change, "text": grouped(-change)}]


def _moves(moves: Moves) -> Iterator[Sentence]:
    for key, of, words in (
        ("came", moves.came, "New in production: {names}."),
        ("left", moves.left, "No longer in production: {names}."),
        ("became-ready", moves.became_ready, "Newly ready: {names}."),
        ("fell", moves.fell, "No longer ready: {names}."),
    ):
        if of:
            yield say(words, names=names(key, pairs(of)))


def pairs(of: Sequence[Named]) -> list[tuple[str, str]]:
    return [(one.slug, one.name) for one in of]


def _outlook(outlook: Forecast | NoForecast) -> Iterator[Sentence]:
    if isinstance(outlook, NoForecast):
        yield say("No forecast: {why}", why=outlook.why)
        return
    end = outlook.end
    direction = "gained" if outlook.per_week > 0 else "lost"
    yield say(
        "In the last {weeks} we " + direction + " {pace} a week. Should the weeks to come be like them, about"
        " {expected} of services will run in production by {day}; with four chances in five between {low} and {high}.",
        weeks=number("outlook-weeks", outlook.weeks, "week"),
        pace=[{"key": "outlook-points-a-week", "value": round(outlook.per_week, 2), "text": _points(outlook.per_week)}],
        expected=share("outlook-expected", round(end.expected)),
        day=[{"key": "outlook-day", "value": end.day.isoformat(), "text": long_day(end.day)}],
        low=share("outlook-low", int(end.low)),
        high=share("outlook-high", -int(-end.high // 1)),
    )


def _points(per_week: float) -> str:
    text = f"{abs(per_week):.1f}"
    return f"{text} percent point{'' if text == '1.0' else 's'}"


def _plain_outlook(outlook: Forecast | NoForecast) -> dict[str, Any]:
    if isinstance(outlook, NoForecast):
        return {"none": outlook.reason, "why": outlook.why}
    path = [
        [one.day.isoformat(), *(round(value, 2) for value in (one.expected, one.low, one.high))] for one in outlook.path
    ]
    return {"chance": CHANCE, "weeks": outlook.weeks, "per_week": round(outlook.per_week, 3), "path": path}


def _funnel(now: Tally) -> list[dict[str, Any]]:
    """Each stage with its services: how many have come exactly so far, and how many at least."""
    rows, beyond = [], 0
    for stage in reversed(Stage):
        count = now.by_stage.get(stage.value, 0)
        beyond += count
        rows.append({
            "stage": stage.value, "label": STAGE_WORDS[stage], "count": count, "reached": beyond,
            "percent": percent(count, now.services),
        })  # fmt: skip
    return rows[::-1]
