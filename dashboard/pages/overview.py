"""Overview: how many of ours are ready, and what would lift more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from dashboard.charts.bar import Segment, verdict_segments
from dashboard.charts.cells import Cell, CellGroup
from dashboard.moments import age
from dashboard.words import PILLARS, STAGES, VERDICTS
from fleet.adoption import Figures, figures
from fleet.foresight import Fix, fix_next
from fleet.models import Day, Environment, Host
from fleet.percent import percent
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Stage, Verdict

#: Stages that a service can be judged in; "not in containers" has nothing to judge.
JUDGED_STAGES = [stage for stage in reversed(Stage) if stage is not Stage.NONE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A difference to an earlier day; `better` is None when nothing changed."""

    text: str
    better: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PillarRow:
    label: str
    url: str
    segments: Sequence[Segment]
    share: int | None
    history: Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRow:
    rank: int
    title: str
    url: str
    detail: str
    gain: str


def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if not Host.objects.exists():
        return render(request, "overview/empty.html")
    current = figures(now)
    stage = _stage(request.GET.get("stage"), current)
    history = list(Day.objects.filter(day__gt=now.date() - timedelta(days=30)))
    context = {
        "figures": current,
        "stage": stage.value,
        "stage_word": STAGES[stage].lower(),
        "stages": [(one.value, STAGES[one]) for one in JUDGED_STAGES],
        **_ready_card(current, stage),
        "adoption": "–" if current.adoption_percent is None else f"{current.adoption_percent}%",
        "catalogue_note": f"{current.services} services in the catalogue",
        "pillar_note": f"share of {STAGES[stage].lower()} services that are ready in it · 30 days",
        "verdicts": _verdicts(current, stage),
        "ready_delta": _delta(history, now, days=7, now_value=current.ready, name="ready"),
        "adoption_delta": _adoption_delta(history, now, current),
        "stage_segments": stage_segments(current.by_stage),
        "pillars": _pillars(current, stage, history, now),
        "fixes": [_fix_row(rank, fix) for rank, fix in enumerate(fix_next(now, stage=stage), start=1)],
        "groups": _groups(now),
    }
    return render(request, "overview/overview.html", context)


def _stage(asked: str | None, current: Figures) -> Stage:
    """The stage asked for, or the furthest that any service has reached."""
    if asked in {stage.value for stage in JUDGED_STAGES}:
        return Stage(asked)
    return next((stage for stage in JUDGED_STAGES if current.by_stage[stage.value]), Stage.PRODUCTION)


def _ready_card(current: Figures, stage: Stage) -> dict[str, object]:
    total = current.by_stage[stage.value]
    ready = current.verdicts_by_stage[stage.value][Verdict.READY.value]
    return {
        "total": total,
        "ready": ready,
        "ready_of": f"{ready} of {total}",
        "ready_url": services_url(stage=stage.value, verdict=Verdict.READY.value),
        "total_note": f"{total} services in {STAGES[stage].lower()}",
        "total_url": services_url(stage=stage.value),
    }


def _verdicts(current: Figures, stage: Stage) -> list[tuple[str, str, str]]:
    """(verdict, words, link) of what is not ready; a verdict that no service has is left out."""
    counts = current.verdicts_by_stage[stage.value]
    return [
        (
            verdict.value,
            f"{counts[verdict.value]} {word.lower()}",
            services_url(stage=stage.value, verdict=verdict.value),
        )
        for verdict, word in VERDICTS.items()
        if verdict is not Verdict.READY and counts[verdict.value]
    ]


def services_url(**filters: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{reverse('services')}?{query}"


def stage_segments(by_stage: dict[str, int]) -> list[Segment]:
    return [
        Segment(
            tone=f"stage-{stage.value}", label=word, count=by_stage[stage.value], url=services_url(stage=stage.value)
        )
        for stage, word in STAGES.items()
    ]


def _delta(history: Sequence[Day], now: datetime, *, days: int, now_value: int, name: str) -> Delta | None:
    """None when no figure was taken on that day: a guess is worse than silence."""
    then = next((day for day in history if day.day == now.date() - timedelta(days=days)), None)
    if then is None:
        return None
    change = now_value - getattr(then, name)
    if change == 0:
        return Delta(text=f"the same as {days} days ago", better=None)
    return Delta(text=f"{abs(change)} in {days} days", better=change > 0)


def _adoption_delta(history: Sequence[Day], now: datetime, current: Figures) -> Delta | None:
    then = next((day for day in history if day.day == now.date() - timedelta(days=29)), None)
    before = percent(then.stage_production, then.services) if then else None
    if before is None or current.adoption_percent is None:
        return None
    change = current.adoption_percent - before
    words = "the same as 29 days ago" if change == 0 else f"{abs(change)} points in 29 days"
    return Delta(text=words, better=None if change == 0 else change > 0)


def _pillars(current: Figures, stage: Stage, history: Sequence[Day], now: datetime) -> list[PillarRow]:
    rows = []
    for pillar, label in PILLARS.items():
        counts = current.pillars_by_stage[stage.value][pillar.value]
        total = sum(counts.values())
        link = f"{reverse(pillar.value)}?stage={stage.value}"
        rows.append(
            PillarRow(
                label=label,
                url=link,
                segments=verdict_segments(counts),
                share=percent(counts[Verdict.READY.value], total),
                history=_history(history, pillar.value, now) if stage is Stage.PRODUCTION else (),
            )
        )
    return rows


def _history(history: Sequence[Day], pillar: str, now: datetime) -> list[int | None]:
    """Share of production services ready in the pillar, one value a day for thirty days, None where none was taken."""
    shares = {day.day: percent(day.pillars_ready.get(pillar, 0), day.stage_production) for day in history}
    return [shares.get(now.date() - timedelta(days=back)) for back in range(29, -1, -1)]


def _fix_row(rank: int, fix: Fix) -> FixRow:
    rule = by_slug().get(fix.rule)
    subjects = f"{fix.subjects} {'place' if fix.subjects == 1 else 'places'}"
    services = f"{fix.services} {'service' if fix.services == 1 else 'services'}"
    gain = f"+{fix.lifts} {'service' if fix.lifts == 1 else 'services'}" if fix.lifts else f"in {services}"
    return FixRow(
        rank=rank,
        title=rule.title if rule else fix.rule,
        url=reverse("rule", args=[fix.rule]),
        detail=f"{fix.rule} · fails in {subjects}, holds back {services}",
        gain=gain,
    )


def _groups(now: datetime) -> list[CellGroup]:
    hosts = Host.objects.filter(enabled=True).with_verdict_now(now).defer("facts", "swarm")
    by_environment: dict[int, list[Cell]] = {}
    for host in hosts:
        by_environment.setdefault(host.environment_id, []).append(_cell(host, now))
    groups = []
    for environment in Environment.objects.all():
        cells = by_environment.get(environment.pk, [])
        if cells:
            note = f"{len(cells)} {'host' if len(cells) == 1 else 'hosts'}"
            url = f"{reverse('hosts')}?environment={environment.slug}"
            groups.append(CellGroup(label=environment.name, note=note, url=url, cells=cells))
    return groups


def _cell(host: Host, now: datetime) -> Cell:
    silent = bool(host.error_code) or host.is_stale(now)
    if host.answered_at is None:
        note = "has not answered yet"
    else:
        note = f"last answered {age(host.answered_at, now=now)}" if silent else ""
    verdict = getattr(host, "verdict_now", host.verdict)
    return Cell(name=host.name, verdict=verdict, url=reverse("host", args=[host.name]), note=note, quiet=silent)
