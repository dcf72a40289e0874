"""Fix next: which changes lift how many services over the line, each alone and the best five together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.foresight.cases import Case, cases
from fleet.foresight.places import places_of
from fleet.foresight.sequence import best_sequence, smallest_need, ways_to_ready
from fleet.models import Container, Finding
from fleet.models.finding import FindingQuerySet
from fleet.readiness import catalogue
from fleet.readiness.verdict import WEIGHTS
from fleet.readiness.vocabulary import Scope, Severity, Stage

_LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One rule to satisfy everywhere. `lifts` services become ready by that alone; it holds back `services` in all,
    and fails on or cannot tell of `subjects` containers, images, networks, volumes, hosts or services there; None where
    they were not counted.
    """

    rule: str
    lifts: int
    services: int
    subjects: int | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What services that are alike need: `holds` are the rules that keep them below the line (see `holding`), `open`
    all that stand in the way of anything; any of `sets` makes them ready. `complete` and `possible` as in Ways.
    """

    holds: frozenset[str]
    open: frozenset[str]
    sets: tuple[frozenset[str], ...]
    complete: bool
    possible: bool
    need: frozenset[str] | None  # see `need_of`

    def ready_with(self, rules: Collection[str]) -> bool:
        """Whether these rules passing would make them ready."""
        return any(one.issubset(rules) for one in self.sets)


def shape_of(case: Case, *, length: int = _LENGTH) -> Shape:
    """Worked out by the verdict's own code; a hundred verdicts for each shape."""
    ways = ways_to_ready(case.open_rules, case.ready, length=length)
    return Shape(
        holds=holding(case),
        open=case.open_rules,
        sets=ways.sets,
        complete=ways.complete,
        possible=ways.possible,
        need=need_of(case),
    )


def plan_of(found: Sequence[Case], *, length: int = _LENGTH) -> Plan:
    """Fixes and the best sequence for these services; every number is recomputed by the verdict's own code."""
    alike = {case: replace(case, service=0, name="") for case in found}
    shapes = {case: shape_of(case, length=length) for case in set(alike.values())}
    held: dict[str, set[int]] = {}
    for case in found:
        for rule in shapes[alike[case]].holds:
            held.setdefault(rule, set()).add(case.service)
    counts = Counter(shapes[one] for one in alike.values())
    names = [(case.name, shapes[alike[case]]) for case in found]
    return plan_for(counts, places=places_of(held), names=names, length=length)


def plan_for(
    counts: Mapping[Shape, int],
    *,
    places: Mapping[str, int | None],
    names: Sequence[tuple[str, Shape]],
    length: int = _LENGTH,
) -> Plan:
    """The plan for so many services of each shape; `names` are those of some of them, for the steps to name."""
    rules, finished = best_sequence([(shape.sets, count) for shape, count in counts.items()], length=length)
    return Plan(
        fixes=_fixes(counts, places),
        steps=_steps(counts, names, rules),
        exact=finished and all(shape.complete for shape in counts),
        below=sum(counts.values()),
        beyond=sum(count for shape, count in counts.items() if not shape.possible),
    )


def need_of(case: Case) -> frozenset[str] | None:
    """The rules that must pass for it to be ready, as few grave ones as can be: mild ones are left out first."""
    order = sorted(case.open_rules, key=lambda rule: (weight_of(rule), rule))
    return smallest_need(order, case.ready)


def weight_of(rule: str) -> int:
    """How grave it is; one that is gone counts as mild."""
    known = catalogue.by_slug().get(rule)
    return WEIGHTS[known.severity] if known else WEIGHTS[Severity.LOW]


def holding(case: Case) -> frozenset[str]:
    """The rules that hold it back: those of a smallest need, every failing critical and high, and any that would do
    alone, for where one of two is enough each of them lifts.
    """
    grave = _grave(case)
    candidates = case.open_rules if len(grave) <= 1 else frozenset()
    alone = frozenset(rule for rule in candidates if case.ready({rule}))
    return (need_of(case) or frozenset()) | grave | alone


def _fixes(counts: Mapping[Shape, int], places: Mapping[str, int | None]) -> list[Fix]:
    """Every rule that holds a service back, the one that lifts most alone first."""
    held: Counter[str] = Counter()
    lifts: Counter[str] = Counter()
    for shape, count in counts.items():
        held.update(dict.fromkeys(shape.holds, count))
        lifts.update({rule: count for rule in shape.holds if shape.ready_with({rule})})
    fixes = [
        Fix(rule=rule, lifts=lifts[rule], services=number, subjects=places.get(rule)) for rule, number in held.items()
    ]
    return sorted(fixes, key=lambda fix: (-fix.lifts, -fix.services, fix.rule))


def _grave(case: Case) -> frozenset[str]:
    """Failing criticals and highs: each keeps it below the line, whatever else is mended."""
    grave = {Severity.CRITICAL.value, Severity.HIGH.value}
    parts = (*case.standings, *case.hosts)
    return frozenset(one.rule for part in parts for one in part.open if one.failing and one.severity in grave)


def _steps(counts: Mapping[Shape, int], names: Sequence[tuple[str, Shape]], rules: Sequence[str]) -> list[Step]:
    steps: list[Step] = []
    left, done, total = dict(counts), set[str](), 0
    for rule in rules:
        done.add(rule)
        lifted = {shape: left.pop(shape) for shape in list(left) if shape.ready_with(done)}
        total += sum(lifted.values())
        named = tuple(name for name, shape in names if shape in lifted)
        steps.append(Step(rule=rule, lifts=sum(lifted.values()), total=total, names=named))
    return steps


def fix_next(now: datetime, *, stage: Stage = Stage.PRODUCTION, most: int = 5) -> Sequence[Fix]:
    """The rules whose mending frees most services of the stage, exact for each rule taken alone."""
    return plan_of(cases(now, stage=stage)).fixes[:most]


def held_back(now: datetime, *, rule: str) -> set[int]:
    """Keys of the services, of any stage, that `fix_next` counts as held back by the rule."""
    return {case.service for case in cases(now, stage=None) if rule in holding(case)}


def failing_on(now: datetime, *, rule: str, services: Iterable[int]) -> list[Finding]:
    """The failing and unknown findings of the rule that these services rest on, by host and name."""
    rows = _on(catalogue.by_slug()[rule].scope, list(services)).filter(rule=rule).open()
    return list(rows.select_related("host", "waiver").only(*_TOLD).order_by("host__name", "subject_name"))


#: What places are told by.
_TOLD = (
    "rule", "pillar", "severity", "status", "subject_kind", "subject_pk", "subject_id", "subject_name", "evidence",
    "reason", "first_seen", "container", "service", "host__name", "waiver__expires_at",
)  # fmt: skip


def _on(scope: Scope, services: list[int]) -> FindingQuerySet:
    """Findings on what these services rest on, of one kind. By that kind's keys where it has some: of all kinds at once
    PostgreSQL takes ten times as long to plan as to find them.
    """
    if scope is Scope.SERVICE:
        return Finding.objects.filter(subject_kind=scope.value, subject_pk__in=services)
    carrying = Container.objects.present().filter(service__in=services, carries_verdict=True)
    if scope in _KEYS:
        keys = set(carrying.order_by().values_list(_KEYS[scope], flat=True)) - {None}
        return Finding.objects.filter(subject_kind=scope.value, subject_pk__in=keys)
    return Finding.objects.about(carrying).filter(subject_kind=scope.value)


_KEYS = {Scope.CONTAINER: "pk", Scope.IMAGE: "image", Scope.HOST: "host"}
