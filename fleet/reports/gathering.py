"""Putting together what a report is made from: kept counts, the days of history, and little else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Min, Q

from fleet.adoption import Point, series_of
from fleet.adoption.definitions import HOSTS_ANSWERING, SERVICES_IN_PRODUCTION, Number, stage_key, verdict_key
from fleet.adoption.forecast import Forecast, NoForecast, forecast
from fleet.counting import Counted, counted, plan_from, read_figures
from fleet.foresight import Plan
from fleet.models import Host, ServiceSpell
from fleet.models.host import fresh_at
from fleet.readiness import catalogue
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.reference import stale_tables
from fleet.reports.known import Blocker, Held, Known, Moves, Named, Tally, TrendDay

#: Days of the trend; the page draws as many of them as there are.
TREND: Final = 365
#: Last time was a week ago, or up to as long before that when no figures were taken then.
WEEK: Final = 7
#: A day on which more of the catalogue than that rested on silent hosts tells a forecast nothing.
MOST_CARRIED: Final = 0.1
#: Spells that are read to say what moved; of more it is not said by name.
_MOST_MOVES: Final = 5000
_STAGES: Final = (Stage.PRODUCTION, Stage.STAGING)
_KEYS: Final = [SERVICES_IN_PRODUCTION, HOSTS_ANSWERING, *map(stage_key, Stage), *map(verdict_key, Verdict)]

Days = Mapping[str, Sequence[Point]]


def known_now(now: datetime) -> Known:
    """As of the last count: five queries, whatever the size of the fleet."""
    counts = counted(now, "figures", "fixes", "holding back")
    figures = read_figures(counts["figures"])
    today = now.date()
    tally = Tally(
        day=today,
        services=figures.services,
        by_stage=figures.by_stage,
        verdicts=figures.verdicts,
        hosts=figures.hosts,
        answering=figures.hosts_answering,
    )
    days = series_of(_KEYS, TREND, until=today)
    answering = Q(error_code="") & fresh_at(now)
    hosts = Host.objects.filter(enabled=True).aggregate(
        oldest=Min("answered_at", filter=answering),
        never=Count("pk", filter=Q(answered_at__isnull=True)),
        simulated=Count("pk", filter=Q(simulated=True)),
    )
    trend = (*_trend(days)[:-1], TrendDay(day=today, part=tally.production, whole=tally.services))
    return Known(
        day=today,
        at=figures.at,
        now=tally,
        load_line=figures.load_line,
        held=_held(counts["fixes"], counts["holding back"]),
        oldest_answer=hosts["oldest"],
        never_answered=hosts["never"],
        simulated=hosts["simulated"] > 0,
        stale_tables=len(stale_tables(now)),
        titles=_titles(),
        **_over_time(today, days, trend, tally),
    )


def known_of(day: date) -> Known | None:
    """Of a day that is past: as its figures stand in the history now, corrections included; None without any."""
    days = series_of(_KEYS, TREND, until=day)
    tally = _tally(days, TREND - 1)
    if tally is None:
        return None
    carried = days[SERVICES_IN_PRODUCTION][-1].carried
    return Known(
        day=day,
        at=None,
        now=tally,
        load_line=None,
        held=None,
        carried=carried,
        **_over_time(day, days, _trend(days), tally),
    )


def _over_time(day: date, days: Days, trend: tuple[TrendDay, ...], now: Tally) -> dict[str, Any]:
    before = (_tally(days, TREND - 1 - back) for back in range(WEEK, 2 * WEEK + 1))
    then = next((one for one in before if one is not None), None)
    return {
        "then": then,
        "moves": _moves(then.day, day) if then else Moves(),
        "trend": trend,
        "outlook": _outlook(days, trend, now, day),
    }


def _outlook(days: Days, trend: Iterable[TrendDay], now: Tally, day: date) -> Forecast | NoForecast:
    shaky = {
        point.day
        for point in days[SERVICES_IN_PRODUCTION]
        if point.number and point.carried > MOST_CARRIED * (point.number.whole or 0)
    }
    shares = {one.day: share for one in trend if (share := one.percent) is not None and one.day not in shaky}
    return forecast(shares, today=day, services=now.services)


def _trend(days: Days) -> tuple[TrendDay, ...]:
    points = days[SERVICES_IN_PRODUCTION]
    return tuple(
        TrendDay(
            day=one.day, part=one.number.part if one.number else None, whole=one.number.whole if one.number else None
        )
        for one in points
    )


def _tally(days: Days, place: int) -> Tally | None:
    point = days[SERVICES_IN_PRODUCTION][place]
    if point.number is None:
        return None
    hosts = days[HOSTS_ANSWERING][place].number or Number()
    return Tally(
        day=point.day,
        services=point.number.whole or 0,
        by_stage={stage.value: _part(days[stage_key(stage)][place]) for stage in Stage},
        verdicts={verdict.value: _part(days[verdict_key(verdict)][place]) for verdict in Verdict},
        hosts=hosts.whole or 0,
        answering=hosts.part or 0,
    )


def _part(point: Point) -> int:
    return (point.number.part if point.number else None) or 0


def _moves(after: date, upto: date) -> Moves:
    """By name, from the spells that began or ended between; none when these are too many for a sentence."""
    spells_of = ServiceSpell.objects.all()
    rows = (spells_of.ended(after, upto) | spells_of.begun(after, upto)).order_by("name", "since")  # one query
    columns = ("name", "service__slug", "stage", "verdict", "since", "until")
    spells = list(rows.values_list(*columns)[: _MOST_MOVES + 1])
    if len(spells) > _MOST_MOVES:
        return Moves()
    before: dict[str, tuple[str, str]] = {}
    now: dict[str, tuple[str, str]] = {}
    slugs: dict[str, str] = {}
    for name, slug, stage, verdict, since, until in spells:
        slugs[name] = slug or ""
        if since <= after:
            before[name] = stage, verdict
        if since <= upto and (until is None or until > upto):
            now[name] = stage, verdict
    return Moves(**{
        kind: tuple(Named(slugs[name], name) for name in sorted(slugs) if moved(before.get(name), now.get(name)))
        for kind, moved in _KINDS.items()
    })  # fmt: skip


_State = tuple[str, str] | None
_READY: Final = (Stage.PRODUCTION.value, Verdict.READY.value)


def _there(state: _State) -> bool:
    return state is not None and state[0] == Stage.PRODUCTION.value


_KINDS: Final[Mapping[str, Callable[[_State, _State], bool]]] = {
    "came": lambda before, now: _there(now) and not _there(before),
    "left": lambda before, now: _there(before) and not _there(now),
    "became_ready": lambda before, now: now == _READY and before != _READY,
    "fell": lambda before, now: before == _READY and _there(now) and now != _READY,
}


def _titles() -> dict[str, str]:
    return {slug: rule.title for slug, rule in catalogue.by_slug().items()}


def _held(fixes: Counted, holding: Counted) -> Held:
    data = holding.data
    plans = {stage.value: plan_from(fixes.data[stage.value]) for stage in _STAGES}
    production = plans[Stage.PRODUCTION.value]
    return Held(
        at=min(fixes.at, holding.at),
        blockers=_blockers(plans),
        below=production.below,
        together=production.steps[-1].total if production.steps else 0,
        steps=len(production.steps),
        staging=data["staging"],
        nearest=tuple((slug, name, team, tuple(rules)) for slug, name, team, rules in data["nearest"]),
        ready=tuple(Named(slug, name) for slug, name, _ in data["ready"]),
        teams=tuple((team, staging, below, tuple(blockers)) for team, staging, below, blockers in data["teams"]),
    )


def _blockers(plans: Mapping[str, Plan]) -> tuple[Blocker, ...]:
    """Of production and staging together: what frees most first."""
    frees: dict[str, dict[str, int]] = {}
    holds: dict[str, dict[str, int]] = {}
    for stage, plan in plans.items():
        for fix in plan.fixes:
            frees.setdefault(fix.rule, {})[stage] = fix.lifts
            holds.setdefault(fix.rule, {})[stage] = fix.services
    titles = _titles()
    order = sorted(frees, key=lambda rule: (-sum(frees[rule].values()), -sum(holds[rule].values()), rule))
    return tuple(
        Blocker(rule=rule, title=titles.get(rule, rule), frees=frees[rule], holds=holds[rule]) for rule in order
    )
