"""Fix next: which changes lift how many services over the line, each alone and the best five together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.foresight.cases import Case, cases, ready_without
from fleet.foresight.places import places_of
from fleet.foresight.sequence import Ways, best_sequence, smallest_need, ways_to_ready
from fleet.models import Container, Finding
from fleet.readiness import catalogue
from fleet.readiness.verdict import WEIGHTS
from fleet.readiness.vocabulary import Severity, Stage, Status, Verdict

_LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One rule to satisfy everywhere. `lifts` services become ready by that alone; it holds back `services` in all,
    and fails on or cannot tell of `subjects` containers, images, networks, volumes, hosts or services there.
    """

    rule: str
    lifts: int
    services: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of a sequence: `lifts` services more become ready with it, `total` with all so far."""

    rule: str
    lifts: int
    total: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`fixes` are ranked alone; `steps` is the best sequence. `exact` says that no other five lift more: the search
    for them was finished.

    `below` services are looked at; of `beyond` not even mending everything that Loadline can see makes them ready.
    """

    fixes: Sequence[Fix]
    steps: Sequence[Step]
    exact: bool
    below: int
    beyond: int


def plan_of(found: Sequence[Case], *, length: int = _LENGTH) -> Plan:
    """Fixes and the best sequence for these services; every number is recomputed by the verdict's own code."""
    alike = Counter(replace(case, service=0, name="") for case in found)
    ways = [(_ways(case, length), count) for case, count in alike.items()]
    rules, finished = best_sequence([(way.sets, count) for way, count in ways], length=length)
    return Plan(
        fixes=_fixes(found),
        steps=_steps(found, rules),
        exact=finished and all(way.complete for way, _ in ways),
        below=len(found),
        beyond=sum(count for way, count in ways if not way.possible),
    )


def _ways(case: Case, length: int) -> Ways:
    return ways_to_ready(case.open_rules, lambda mended: case.verdict(mended) is Verdict.READY, length=length)


def need_of(case: Case) -> frozenset[str] | None:
    """The rules that must pass for it to be ready, as few grave ones as can be: mild ones are left out first."""
    order = sorted(case.open_rules, key=lambda rule: (_weight(rule), rule))
    return smallest_need(order, lambda chosen: case.verdict(chosen) is Verdict.READY)


def _weight(rule: str) -> int:
    known = catalogue.by_slug().get(rule)
    return WEIGHTS[known.severity] if known else WEIGHTS[Severity.LOW]


def holding(case: Case) -> frozenset[str]:
    """The rules that hold it back: those of a smallest need, every failing critical and high, and any that would do
    alone, for where one of two is enough each of them lifts.
    """
    grave = _grave(case)
    candidates = case.open_rules if len(grave) <= 1 else frozenset()
    alone = frozenset(rule for rule in candidates if case.verdict({rule}) is Verdict.READY)
    return (need_of(case) or frozenset()) | grave | alone


def _fixes(found: Sequence[Case]) -> list[Fix]:
    """Every rule that holds a service back, the one that lifts most alone first."""
    blocking: dict[str, list[Case]] = {}
    for case in found:
        for rule in holding(case):
            blocking.setdefault(rule, []).append(case)
    places = places_of({rule: {case.service for case in held} for rule, held in blocking.items()})
    fixes = [
        Fix(rule=rule, lifts=len(ready_without(held, {rule})), services=len(held), subjects=places[rule])
        for rule, held in blocking.items()
    ]
    return sorted(fixes, key=lambda fix: (-fix.lifts, -fix.services, fix.rule))


def _grave(case: Case) -> frozenset[str]:
    """Failing criticals and highs: each keeps it below the line, whatever else is mended."""
    grave = {Severity.CRITICAL.value, Severity.HIGH.value}
    parts = (*case.standings, *case.hosts)
    return frozenset(one.rule for part in parts for one in part.open if one.failing and one.severity in grave)


def _steps(found: Sequence[Case], rules: Sequence[str]) -> list[Step]:
    steps: list[Step] = []
    done: set[str] = set()
    lifted: set[int] = set()
    for rule in rules:
        done.add(rule)
        ready = ready_without(found, done)
        new = [case for case in ready if case.service not in lifted]
        lifted |= {case.service for case in new}
        steps.append(Step(rule=rule, lifts=len(new), total=len(lifted), names=tuple(case.name for case in new)))
    return steps


def fix_next(now: datetime, *, stage: Stage = Stage.PRODUCTION, most: int = 5) -> list[Fix]:
    """The rules whose mending frees most services of the stage, exact for each rule taken alone."""
    return _fixes(cases(now, stage=stage))[:most]


def held_back(now: datetime, *, rule: str) -> set[int]:
    """Keys of the services, of any stage, that `fix_next` counts as held back by the rule."""
    return {case.service for case in cases(now, stage=None) if rule in holding(case)}


def failing_on(now: datetime, *, rule: str, services: Iterable[int]) -> list[Finding]:
    """The failing and unknown findings of the rule that these services rest on, by host and name."""
    chosen = list(services)
    carrying = Container.objects.present().filter(service__in=chosen, carries_verdict=True)
    about = Finding.objects.about(carrying).filter(rule=rule, status__in=[Status.FAIL.value, Status.UNKNOWN.value])
    own = Finding.objects.filter(rule=rule, subject_kind="service", service__in=chosen).open()
    rows = (about | own).distinct().select_related("host__environment", "service", "container")
    return list(rows.defer("host__facts", "host__swarm", "host__gaps").order_by("host__name", "subject_name"))
