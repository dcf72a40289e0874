"""What holds back what is on its way: how little separates a service from ready, which change frees most, by team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.foresight.fixes import Shape, weight_of
from fleet.readiness.vocabulary import Stage, Verdict

#: Services that a list names, and blockers of a team.
NAMED: Final = 25
BLOCKERS: Final = 3


@dataclass(frozen=True, slots=True)
class Distance:
    """`rules` are the fewest that must pass for it to be ready, of as many the mildest; `weight` adds them up."""

    rules: tuple[str, ...]
    weight: int

    @property
    def changes(self) -> int:
        return len(self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A service in staging. `verdict` is as of now; `shape` is the key of what it needs, empty where it needs nothing
    or nothing can be told.
    """

    name: str
    slug: str
    team: str
    verdict: str
    stale: bool
    shape: str


def distance_of(shape: Shape) -> Distance | None:
    """None when no change that Loadline can see is enough."""
    ways = [*shape.sets, *([shape.need] if shape.need is not None else [])]
    if not shape.possible or not ways:
        return None
    told = [
        Distance(tuple(sorted(way, key=lambda rule: (-weight_of(rule), rule))), sum(map(weight_of, way)))
        for way in ways
    ]
    return min(told, key=lambda one: (one.changes, one.weight, one.rules))


def holding_back(
    staging: Iterable[Candidate],
    below: Iterable[tuple[str, str, str]],
    shapes: Mapping[str, Shape],
) -> dict[str, Any]:
    """What is kept of it. `below` has team, stage and shape of every service below the line.

    `staging` counts the services there by what separates them: "ready", a number of changes as text, "beyond" where no
    change is enough, "stale" where the evidence has grown too old; they add up to "total". "teams" has the same for
    each team that has any, its services below the line by stage, and its first blockers as rule, frees, holds.
    """
    ways = {key: distance_of(shape) for key, shape in shapes.items()}
    everything = list(staging)
    kinds = {one.slug: _kind(one, ways) for one in everything}
    by_team: dict[str, Counter[str]] = {}
    for one in everything:
        by_team.setdefault(one.team, Counter())[kinds[one.slug]] += 1
    held = _by_team(below)
    ready = sorted(one.name for one in everything if kinds[one.slug] == "ready")
    return {
        "staging": {**Counter(kinds.values()), "total": len(everything)},
        "ready": [
            [one.slug, one.name, one.team] for one in sorted(everything, key=_by_name) if kinds[one.slug] == "ready"
        ][:NAMED],
        "ready_total": len(ready),
        "nearest": _nearest(everything, ways),
        "teams": [
            [
                team,
                dict(by_team.get(team, {})),
                _below(held.get(team, {})),
                blockers_of(_shapes(held.get(team, {})), shapes),
            ]
            for team in sorted({*by_team, *held}, key=lambda team: (not team, team))
        ],
    }


def _by_name(one: Candidate) -> tuple[str, str]:
    return one.name, one.slug


def _kind(one: Candidate, ways: Mapping[str, Distance | None]) -> str:
    if one.stale:
        return "stale"
    if one.verdict == Verdict.READY.value:
        return "ready"
    way = ways.get(one.shape)
    return str(way.changes) if way else "beyond"


def _nearest(services: Sequence[Candidate], ways: Mapping[str, Distance | None]) -> list[list[Any]]:
    """Slug, name, team and rules of those that need something, those that need least first."""
    found = [
        (way, one)
        for one in services
        if not one.stale and one.verdict != Verdict.READY.value and (way := ways.get(one.shape))
    ]
    found.sort(key=lambda pair: (pair[0].changes, pair[0].weight, *_by_name(pair[1])))
    return [[one.slug, one.name, one.team, list(way.rules)] for way, one in found[:NAMED]]


def _by_team(below: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, Counter[str]]]:
    """Team to stage to shape to how many services."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for team, stage, shape in below:
        if stage in {Stage.PRODUCTION.value, Stage.STAGING.value}:
            found.setdefault(team, {}).setdefault(stage, Counter())[shape] += 1
    return found


def _below(by_stage: Mapping[str, Counter[str]]) -> dict[str, int]:
    return {stage: counts.total() for stage, counts in by_stage.items()}


def _shapes(by_stage: Mapping[str, Counter[str]]) -> Counter[str]:
    return sum(by_stage.values(), Counter())


def blockers_of(counts: Mapping[str, int], shapes: Mapping[str, Shape], *, most: int = BLOCKERS) -> list[list[Any]]:
    """Rule, services that it frees by itself, services that it holds back; what frees most first."""
    frees: Counter[str] = Counter()
    holds: Counter[str] = Counter()
    for key, number in counts.items():
        if (shape := shapes.get(key)) is None:
            continue
        for rule in shape.holds:
            holds[rule] += number
            frees[rule] += number if shape.ready_with({rule}) else 0
    order = sorted(holds, key=lambda rule: (-frees[rule], -holds[rule], rule))
    return [[rule, frees[rule], holds[rule]] for rule in order[:most]]
