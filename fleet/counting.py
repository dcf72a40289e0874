"""Counts of the whole fleet, taken outside requests: what pages show of it costs them a row or two.

Each thing that is counted has one row with the moment it is of, which pages show like any other age. How often it is
counted depends on what that takes, so that counting never needs more than a small share of one core.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Count as Number
from django.db.models import F

from fleet.adoption import Figures, by_environment, measure
from fleet.adoption import figures as figures_of
from fleet.adoption.kept import plain_measured
from fleet.catalogue import unmapped
from fleet.foresight.cases import Below, below_the_line
from fleet.foresight.fixes import Fix, Plan, Shape, Step, plan_for, shape_of
from fleet.foresight.hanging import losable_of, ranking_as_dict
from fleet.foresight.holding_back import Candidate, distance_of, holding_back
from fleet.foresight.places import EVERYWHERE, places_by
from fleet.independence import EndingCount, Ties, endings
from fleet.independence import ties as ties_of
from fleet.inventory import ImageReference
from fleet.inventory.plain import from_plain, to_plain
from fleet.models import Container, Count, Environment, Host, Service, Shortfall
from fleet.models.answers import Answers
from fleet.models.writing import insert_rows, update_rows
from fleet.network_map import fleet_chart
from fleet.proving import Listed, Survey, survey
from fleet.proving.surveying import from_rows, to_rows
from fleet.reaching.everywhere import fleet_ranges
from fleet.readiness.vocabulary import Stage

#: A count that is older is one that nobody takes outside requests; then a request does, lest stale evidence stay green.
LATE: Final = timedelta(seconds=60)
#: How long a caller that died keeps others from counting.
_CLAIM: Final = timedelta(minutes=15)
#: Hosts of one environment that are drawn one by one, and repositories that are listed.
MOST_CELLS: Final = 300
MOST_IMAGES: Final = 500
ANY_STAGE: Final = "any"
#: Times as seldom while sweeps do not keep up.
_BEHIND: Final = 5
#: Which is when one has waited for so long a share of an interval: it is to wait no longer than one.
_LATE_BY: Final = 1 / 3
#: What is kept beside another count.
_BESIDE: Final = {"shapes": "fixes", "hosts of support": "support", "holding back": "fixes", "trust images": "trust"}
_NAMES: Final = 500  # of services that a plan's steps name, at most


@dataclass(frozen=True, slots=True)
class Counted:
    """`data` as of the moment `at`."""

    data: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class _Kind:
    """`pause` is at least how long after it was counted it is counted again, `times` how often as long as it took."""

    count: Callable[[datetime], Any]
    pause: timedelta
    times: int
    rests_on_age: bool = False  # whether it says anything that only the passing of time makes untrue


def counted(now: datetime, *names: str) -> dict[str, Counted]:
    """What was counted, one query for all of it. What never was, or too long ago to be trusted, is counted now."""
    # What is kept beside a count is as old as that one, which knows how often it is counted.
    leads = {name: lead if KINDS[lead := _BESIDE.get(name, name)].rests_on_age else name for name in names}
    rows = {row.name: row for row in Count.objects.filter(name__in={*names, *leads.values()})}
    return {
        name: Counted(row.data, row.at)
        if (row := rows.get(name)) and row.at and (first := rows.get(leads[name])) and _trusted(first, now)
        else _counted_now(name, now)
        for name in names
    }


def _counted_now(name: str, now: datetime) -> Counted:
    if name not in _BESIDE:
        return count_now(name, now)
    count_now(_BESIDE[name], now)
    row = Count.objects.get(name=name)
    return Counted(row.data, row.at or now)


def _trusted(row: Count, now: datetime) -> bool:
    if row.at is None or not KINDS[_BESIDE.get(row.name, row.name)].rests_on_age:
        return row.at is not None
    late = max(LATE, 2 * _pause(row))
    return now - late <= row.at <= now + LATE


def count_now(name: str, now: datetime) -> Counted:
    """Counts it and keeps it, whoever else is at it."""
    began = time.perf_counter()
    data = KINDS[name].count(now)
    kept = {"data": data, "at": now, "seconds": time.perf_counter() - began, "claimed_until": None}
    Count.objects.update_or_create(name=name, defaults=kept)
    return Counted(data, now)


def count_all(now: datetime) -> list[tuple[str, float]]:
    """Counts everything; the seconds that each took."""
    for name in KINDS:
        count_now(name, now)
    return [(row.name, row.seconds) for row in Count.objects.filter(name__in=KINDS)]


def count_due(now: datetime, names: Iterable[str] = ()) -> list[str]:
    """Counts what is due, of `names` or of everything, unless somebody else is at it; what it counted."""
    rows = {row.name: row for row in Count.objects.defer("data")}
    done = []
    behind = not names and _sweeps_are_behind(now)
    for name in names or KINDS:
        row = rows.get(name) or Count.objects.get_or_create(name=name)[0]
        # What rests on age has requests count it when it is late, and nothing is gained.
        last = now - _pause(row) * (_BEHIND if behind and not KINDS[name].rests_on_age else 1)
        due = row.at is None or row.at <= last or row.at > now + LATE
        if due and Count.objects.all().claim(name, now, last=last, until=now + _CLAIM):
            try:
                count_now(name, now)
            except BaseException:
                # A worker that is to end interrupts what it counts; whoever has the next turn shall not wait for it.
                with suppress(DatabaseError, InterfaceError):
                    Count.objects.filter(name=name).update(claimed_until=None)
                raise
            done.append(name)
    return done


def count_after_sweep(now: datetime) -> None:
    """After a shard: what people look at first, as often as its price allows. Cheap where it is not due."""
    count_due(now, ("figures", "cells"))


def _sweeps_are_behind(now: datetime) -> bool:
    """Whether a host that answers has waited for a good part of an interval: then every second that counting takes
    makes all of them later.
    """
    since = now - timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS) * _LATE_BY
    return Host.objects.filter(enabled=True, failures=0, next_sweep_at__lt=since).exists()


def _pause(row: Count) -> timedelta:
    kind = KINDS[row.name]
    return max(kind.pause, timedelta(seconds=kind.times * row.seconds))


# What is counted.


def _figures(now: datetime) -> dict[str, Any]:
    found = asdict(figures_of(now))
    del found["at"]
    return {"figures": found, "environments": by_environment()}


def read_figures(found: Counted) -> Figures:
    """Of "figures"."""
    return Figures(**found.data["figures"], at=found.at)


def _cells(now: datetime) -> list[dict[str, Any]]:
    """By environment: its hosts, the worst ones when there are too many to draw."""
    counts: Counter[int] = Counter(Host.objects.order_by().values_list("environment", flat=True))
    found = []
    for environment in Environment.objects.filter(pk__in=counts):
        hosts = Host.objects.filter(environment=environment).with_verdict_now(now)
        # By name where all of them fit; else the worst ones.
        order = [F("verdict_rank"), F("name")] if counts[environment.pk] > MOST_CELLS else [F("name")]
        columns = ("name", "verdict_now", "rests_on_stale", "answered_at", "enabled", "error_code")
        rows = [
            [name, verdict, answered.isoformat() if answered else None, enabled, stale or not enabled or bool(error)]
            for name, verdict, stale, answered, enabled, error in hosts.order_by(*order).values_list(*columns)[
                :MOST_CELLS
            ]
        ]
        about = {"name": environment.name, "slug": environment.slug, "hosts": counts[environment.pk]}
        found.append({**about, "cells": sorted(rows)})
    return found


def _findings(now: datetime) -> list[tuple[str, str, str, str, int]]:
    return Answers().facets()


def repository_of(reference: str) -> str:
    """Registry and repository; the beginning of the id where the image is known by that only."""
    parsed = ImageReference.parse(reference)
    return f"{parsed.registry}/{parsed.repository}" if parsed else reference[:19]


def _images(now: datetime) -> dict[str, Any]:
    """Repositories of every container that is there: how many, and how many of them are pinned by a digest."""
    every: Counter[str] = Counter()
    pinned: Counter[str] = Counter()
    rows = Container.objects.present().order_by().values_list("image_reference").annotate(n=Number("pk"))
    for text, number in rows.iterator(chunk_size=5000):
        parsed = ImageReference.parse(text)
        every[repository_of(text)] += number
        pinned[repository_of(text)] += number if parsed and parsed.digest else 0
    first = sorted(every, key=lambda name: (-every[name], name))[:MOST_IMAGES]
    return {"total": len(every), "images": [[name, every[name], pinned[name]] for name in first]}


def _map(now: datetime) -> dict[str, Any]:
    """A `fleet.network_map.Chart`, as plain data."""
    return to_plain(fleet_chart())


def _fixes(now: datetime) -> dict[str, Any]:
    """Plans by stage; and beside them, in "shapes" and in rows of Shortfall, what plans for other choices take."""
    below, cases = below_the_line(now)
    shapes = {key: shape_of(case) for key, case in cases.items()}
    stages = [stage.value for stage in Stage if stage is not Stage.NONE]
    counts: dict[str, Counter[str]] = {stage: Counter() for stage in (*stages, ANY_STAGE)}
    names: dict[str, list[tuple[str, Shape]]] = {stage: [] for stage in counts}
    held: dict[str, dict[int, str]] = {}
    for one in below:
        for stage in {one.stage, ANY_STAGE} & counts.keys():
            counts[stage][one.shape] += 1
            names[stage].append((one.name, shapes[one.shape]))
        for rule in shapes[one.shape].holds:
            held.setdefault(rule, {})[one.service] = one.stage
    places = places_by(held)
    _keep_shapes(now, shapes, {one.service: one.shape for one in below})
    _keep_numbers(now, counts)
    _keep_holding_back(now, below, shapes)
    plans = {}
    for stage, by_shape in counts.items():
        there = {rule: places[rule, EVERYWHERE if stage == ANY_STAGE else stage] for rule in held}
        plans[stage] = plan_as_dict(plan_for(summed(shapes, by_shape), places=there, names=names[stage]))
    return plans


def summed(shapes: Mapping[str, Shape], counts: Counter[str]) -> Counter[Shape]:
    """Services by shape; two keys of other standings may need the same."""
    found: Counter[Shape] = Counter()
    for key, number in counts.items():
        if key in shapes:
            found[shapes[key]] += number
    return found


def _keep_shapes(now: datetime, shapes: dict[str, Shape], of: dict[int, str]) -> None:
    plain = {
        key: [
            sorted(s.holds),
            sorted(s.open),
            [sorted(one) for one in s.sets],
            s.complete,
            s.possible,
            None if s.need is None else sorted(s.need),
        ]
        for key, s in shapes.items()
    }
    kept = {"data": plain, "at": now}
    told = {key: [key, *_distance(one)] for key, one in shapes.items()}
    with transaction.atomic():
        before = {service: told for service, *told in Shortfall.objects.values_list("service", "shape", *_DISTANCE)}
        gone = [service for service in before if service not in of]
        for start in range(0, len(gone), 500):
            Shortfall.objects.filter(service__in=gone[start : start + 500]).delete()
        there = set(Service.objects.order_by().values_list("pk", flat=True)) if of.keys() - before.keys() else set()
        new = [(service, *told[shape]) for service, shape in of.items() if service not in before and service in there]
        insert_rows(Shortfall, ("service", "shape", *_DISTANCE), new)
        keys = dict(Shortfall.objects.values_list("service", "pk"))
        other = [(keys[one], *told[shape]) for one, shape in of.items() if one in before and before[one] != told[shape]]
        update_rows(Shortfall, ("shape", *_DISTANCE), other)
        Count.objects.update_or_create(name="shapes", defaults=kept)


_DISTANCE: Final = ("changes", "weight")


def _distance(shape: Shape) -> tuple[int | None, int | None]:
    way = distance_of(shape)
    return (way.changes, way.weight) if way else (None, None)


def _keep_holding_back(now: datetime, below: Iterable[Below], shapes: Mapping[str, Shape]) -> None:
    of = {one.service: one.shape for one in below}
    staging = Service.objects.in_catalogue().filter(stage=Stage.STAGING.value).with_staleness(now).order_by()
    columns = ("pk", "name", "slug", "team", "verdict", "rests_on_stale")
    candidates = [
        Candidate(name=name, slug=slug, team=team, verdict=verdict, stale=stale, shape=of.get(pk, ""))
        for pk, name, slug, team, verdict, stale in staging.values_list(*columns).iterator(chunk_size=5000)
    ]
    data = holding_back(candidates, [(one.team, one.stage, one.shape) for one in below], shapes)
    Count.objects.update_or_create(name="holding back", defaults={"data": data, "at": now})


def _keep_numbers(now: datetime, counts: Mapping[str, Counter[str]]) -> None:
    """How many services of each stage, and of any, have each shape."""
    Count.objects.update_or_create(name="numbers of shapes", defaults={"data": counts, "at": now})


def read_numbers(stage: str) -> Counter[str] | None:
    """How many services of the stage, or of any, have the shape of each key; None before the first count."""
    row = Count.objects.filter(name="numbers of shapes").first()
    return Counter(row.data[stage]) if row else None


def read_shapes(found: Counted | None = None) -> dict[str, Shape]:
    """As of the last time that fixes were counted; asks for them unless they were `found`."""
    row = found or Count.objects.filter(name="shapes").first()
    return {
        key: Shape(
            holds=frozenset(holds),
            open=frozenset(opened),
            sets=tuple(map(frozenset, sets)),
            complete=complete,
            possible=possible,
            need=None if need is None else frozenset(need),
        )
        for key, (holds, opened, sets, complete, possible, need) in (row.data if row else {}).items()
    }


def _losable(now: datetime) -> dict[str, Any]:
    """Where plugins and registries are used, so that a question about one reads what hangs on it and nothing else."""
    rows = Container.objects.present().order_by().values_list("image_reference").annotate(n=Number("pk"))
    return losable_of(dict(rows.iterator(chunk_size=5000))).to_plain()


def read_ties(found: Counted) -> Ties:
    """Of "ties"."""
    return Ties.from_plain(found.data)


def _support(now: datetime) -> list[dict[str, Any]]:
    """Endings; and beside them the keys of the hosts behind each, which only lists need."""
    counts, hosts = endings(now)
    Count.objects.update_or_create(name="hosts of support", defaults={"data": hosts, "at": now})
    return [one.to_plain() for one in counts]


def read_support(found: Counted) -> list[EndingCount]:
    """Of "support"."""
    return [EndingCount.from_plain(one) for one in found.data]


def _trust(now: datetime) -> dict[str, Any]:
    """A `Survey`; and beside it the images, worst first, which only lists need."""
    found, images = survey(now)
    Count.objects.update_or_create(name="trust images", defaults={"data": to_rows(images), "at": now})
    return to_plain(found)


def read_trust(found: Counted) -> Survey:
    """Of "trust"."""
    return from_plain(Survey, found.data)


def read_trust_images(found: Counted) -> list[Listed]:
    """Of "trust images"."""
    return from_rows(found.data)


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """Of each step's services the first names only."""
    steps = [{**asdict(step), "names": step.names[:_NAMES]} for step in plan.steps]
    return {**asdict(plan), "steps": steps}


def plan_from(data: dict[str, Any]) -> Plan:
    steps = [Step(**{**step, "names": tuple(step["names"])}) for step in data["steps"]]
    return Plan(**{**data, "fixes": [Fix(**one) for one in data["fixes"]], "steps": steps})


KINDS: Final = {
    "figures": _Kind(_figures, timedelta(seconds=1), 40, rests_on_age=True),
    "cells": _Kind(_cells, timedelta(seconds=1), 40, rests_on_age=True),
    "findings": _Kind(_findings, timedelta(seconds=10), 50),
    "images": _Kind(_images, timedelta(seconds=10), 50),
    "fixes": _Kind(_fixes, timedelta(seconds=10), 50),
    "unmapped": _Kind(lambda _now: unmapped(), timedelta(seconds=10), 50),
    "adoption": _Kind(lambda now: plain_measured(measure(now)), timedelta(seconds=10), 50),
    "hanging": _Kind(ranking_as_dict, timedelta(seconds=30), 50),
    "losable": _Kind(_losable, timedelta(seconds=30), 50),
    "map": _Kind(_map, timedelta(seconds=10), 50),
    "ranges": _Kind(lambda _now: fleet_ranges(), timedelta(minutes=5), 50),
    "ties": _Kind(lambda now: ties_of(now).to_plain(), timedelta(seconds=10), 50, rests_on_age=True),
    "support": _Kind(_support, timedelta(seconds=60), 50),
    "trust": _Kind(_trust, timedelta(seconds=10), 50, rests_on_age=True),
}
