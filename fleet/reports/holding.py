"""What holds us back, in words: what is about to be ready, which changes free most, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleet.readiness.vocabulary import Stage
from fleet.reports.known import Blocker, Held, Known
from fleet.reports.saying import Sentence, be, names, number, say

BLOCKERS: Final = 5
NEAREST: Final = 5
TEAMS: Final = 6
_STAGING: Final = Stage.STAGING.value
_PRODUCTION: Final = Stage.PRODUCTION.value


def holding_section(known: Known) -> dict[str, Any]:
    section: dict[str, Any] = {"key": "holding", "title": "What holds us back"}
    if known.held is None:
        return {**section, "sentences": [say("What held us back on that day was not kept.")]}
    held = known.held
    return {
        **section,
        "at": held.at.isoformat(),
        "sentences": [*_in_production(held), *_in_staging(held)],
        "blockers": [_blocker(one) for one in held.blockers[:BLOCKERS]],
        "nearest": [
            {
                "slug": slug,
                "service": name,
                "team": team,
                "changes": len(rules),
                "rules": [_rule(known, one) for one in rules],
            }
            for slug, name, team, rules in held.nearest[:NEAREST]
        ],
        "teams": _teams(known, held),
    }


def _rule(known: Known, slug: str) -> dict[str, str]:
    return {"rule": slug, "title": known.titles.get(slug, slug)}


def _blocker(one: Blocker) -> dict[str, Any]:
    return {
        "rule": one.rule, "title": one.title,
        "frees_production": one.frees.get(_PRODUCTION, 0), "frees_staging": one.frees.get(_STAGING, 0),
        "holds_production": one.holds.get(_PRODUCTION, 0), "holds_staging": one.holds.get(_STAGING, 0),
    }  # fmt: skip


def _in_production(held: Held) -> Iterator[Sentence]:
    if not held.below:
        yield say("No rule holds back a service in production.")
        return
    below = number("held-in-production", held.below, "service", page="fix-next", stage=_PRODUCTION)
    if not held.together:
        yield say(
            "Rules hold back {below} in production, and no five changes alone would make one of them ready.",
            below=below,
        )
        return
    changes = number("best-changes", held.steps, "change", page="fix-next", stage=_PRODUCTION)
    yield say(
        "Rules hold back {below} in production; the best {changes} together would make {together} of them ready.",
        below=below,
        changes=changes,
        together=number("freed-together", held.together),
    )


def _in_staging(held: Held) -> Iterator[Sentence]:
    total = held.staging.get("total", 0)
    if not total:
        yield say("No service stands in staging, on its way to production.")
        return
    ready = held.staging.get("ready", 0)
    every = number("in-staging", total, "service", page="services", stage=_STAGING)
    if ready:
        listed = [(one.slug, one.name) for one in held.ready]
        yield say(
            "Of {every} in staging {ready} " + be(ready) + " ready already and could go to production: {names}.",
            every=every,
            ready=number("ready-in-staging", ready, page="services", stage=_STAGING, verdict="ready"),
            names=names("ready-in-staging", listed, total=ready),
        )
    else:
        yield say("Of {every} in staging none is ready yet.", every=every)
    if told := list(_distances(held.staging)):
        yield [piece for part in told for piece in part]


def _distances(staging: Mapping[str, int]) -> Iterator[Sentence]:
    """One sentence in parts: one change away, more, and those of which nothing can be told."""
    away = {int(key): count for key, count in staging.items() if key.isdecimal()}
    one, more = away.get(1, 0), sum(count for key, count in away.items() if key > 1)
    untold = staging.get("beyond", 0) + staging.get("stale", 0)
    parts = [
        (one, "{n} " + be(one) + " one change away", "one-change-away"),
        (more, "{n} need" + be(more, "s", "") + " two changes or more", "more-changes-away"),
        (untold, "of {n} nobody can tell", "untold-in-staging"),
    ]
    shown = [(template, number(key, count)) for count, template, key in parts if count]
    for place, (template, told) in enumerate(shown):
        end = "." if place == len(shown) - 1 else ", "
        text = template if place else template[0].upper() + template[1:]
        yield say(text + end, n=told)


def _teams(known: Known, held: Held) -> list[dict[str, Any]]:
    """Those whose services are furthest below the line first; the first blocker of each."""
    rows: list[dict[str, Any]] = [
        {
            "team": team,
            "ready_staging": staging.get("ready", 0),
            "one_away": staging.get("1", 0),
            "staging": sum(staging.values()),
            "held_production": below.get(_PRODUCTION, 0),
            "blocker": {**_rule(known, blockers[0][0]), "frees": blockers[0][1], "holds": blockers[0][2]}
            if blockers
            else None,
        }
        for team, staging, below, blockers in held.teams
    ]
    rows = [row for row in rows if row["held_production"] or row["staging"]]
    rows.sort(key=lambda row: (-row["held_production"], -row["staging"], row["team"]))
    return rows[:TEAMS]
