"""Overview: how many of ours are ready, and what would lift more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard.charts.bar import Segment, verdict_segments
from dashboard.charts.cells import Cell, CellGroup
from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import address
from dashboard.moments import age
from dashboard.unchanged import not_modified, tag_of, tagged
from dashboard.words import PILLARS, STAGES, VERDICTS, counted
from fleet.adoption import Figures
from fleet.foresight import Fix, Plan
from fleet.models import Day, Waiver
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
    """`held` and `held_url` are the services it holds back; `gain` is empty when it lifts none of them alone."""

    rank: int
    title: str
    url: str
    slug: str
    places: str
    held: str
    held_url: str
    gain: str


def overview(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request)
    now = counts.now
    if not counts.hosts.registered:
        return render(request, "overview/empty.html")
    current = counts.ask("cells", "fixes").figures_by_line
    tag = tag_of(request, counts.moments, counts.hosts, current.load_line, now.date(), Waiver.objects.waiting().count())
    if unchanged := not_modified(request, tag):
        return unchanged
    return tagged(render(request, "overview/overview.html", _shown(request, counts, current)), tag)


def _shown(request: HttpRequest, counts: FleetCounts, current: Figures) -> dict[str, object]:
    now, stage = counts.now, chosen_stage(request, current)
    history = list(Day.objects.filter(day__gt=now.date() - timedelta(days=30)))
    return {
        "figures": current,
        "stage": stage.value,
        "stages": [(one.value, STAGES[one]) for one in JUDGED_STAGES],
        **_ready_card(current, stage),
        "adoption": "–" if current.adoption_percent is None else f"{current.adoption_percent}%",
        "catalogue_note": f"{counted(current.services, 'service')} in the catalogue",
        "pillar_note": f"share of {STAGES[stage].lower()} services that are ready in it",
        "verdicts": _verdicts(current, stage),
        "ready_delta": _delta(history, now, days=7, now_value=current.ready, name="ready"),
        "adoption_delta": _adoption_delta(history, now, current),
        "stage_segments": stage_segments(current.by_stage),
        "pillars": _pillars(current, stage, history, now),
        "together": _together(counts.plan(stage.value)),
        "together_url": address("fix-next", stage=stage.value),
        "fixes": [_fix_row(rank, fix, stage) for rank, fix in enumerate(counts.plan(stage.value).fixes[:5], start=1)],
        "groups": [_group(one, now) for one in counts.cells],
    }


def chosen_stage(request: HttpRequest, current: Figures) -> Stage:
    """The stage asked for, or the furthest that any service has reached."""
    asked = request.GET.get("stage")
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
        "ready_url": address("services", stage=stage.value, verdict=Verdict.READY.value),
        "ready_sentence": f"{STAGES[stage].lower()} {'service is' if total == 1 else 'services are'} ready.",
        "no_fix": _no_fix(current, stage),
        "total_note": f"{counted(total, 'service')} in {STAGES[stage].lower()}",
        "total_url": address("services", stage=stage.value),
    }


def _together(plan: Plan) -> str:
    """What several changes free where none does by itself; empty where one does, or none in any company."""
    lifted = plan.steps[-1].total if plan.steps else 0
    if not lifted or any(fix.lifts for fix in plan.fixes):
        return ""
    return f"{counted(len(plan.steps), 'change')} together free {counted(lifted, 'service')}"


def _no_fix(current: Figures, stage: Stage) -> str:
    """Why there is nothing to mend: that everything is ready, or that nothing can be told."""
    word = STAGES[stage].lower()
    unknown = current.verdicts_by_stage[stage.value][Verdict.UNKNOWN.value]
    if unknown:
        return (
            f"What to mend cannot be told of {counted(unknown, f'{word} service')} whose evidence is missing or stale."
        )
    return f"No {word} service is held back by a failing rule."


def _verdicts(current: Figures, stage: Stage) -> list[tuple[str, str, str]]:
    """(verdict, words, link) of what is not ready; a verdict that no service has is left out."""
    counts = current.verdicts_by_stage[stage.value]
    return [
        (
            verdict.value,
            f"{counts[verdict.value]} {word.lower()}",
            address("services", stage=stage.value, verdict=verdict.value),
        )
        for verdict, word in VERDICTS.items()
        if verdict is not Verdict.READY and counts[verdict.value]
    ]


def stage_segments(by_stage: Mapping[str, int]) -> list[Segment]:
    return [
        Segment(
            tone=f"stage-{stage.value}",
            label=word,
            count=by_stage[stage.value],
            url=address("services", stage=stage.value),
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
        rows.append(
            PillarRow(
                label=label,
                url=address(pillar.value, stage=stage.value),
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


def _fix_row(rank: int, fix: Fix, stage: Stage) -> FixRow:
    rule = by_slug().get(fix.rule)
    return FixRow(
        rank=rank,
        title=rule.title if rule else fix.rule,
        url=reverse("rule", args=[fix.rule]),
        slug=fix.rule,
        places=counted(fix.subjects or 0, "place"),
        held=counted(fix.services, "service"),
        held_url=address("services", stage=stage.value, held_by=fix.rule),
        gain=f"+{counted(fix.lifts, 'service')}" if fix.lifts else "",
    )


def _group(environment: Mapping[str, Any], now: datetime) -> CellGroup:
    """An environment's squares; of very many hosts the worst ones."""
    cells = [_cell(*one, now=now) for one in environment["cells"]]
    number = environment["hosts"]
    note = counted(number, "host") if len(cells) == number else f"the {len(cells)} worst of {counted(number, 'host')}"
    return CellGroup(
        label=environment["name"], note=note, url=address("hosts", environment=environment["slug"]), cells=cells
    )


def _cell(name: str, verdict: str, answered: str | None, enabled: bool, silent: bool, *, now: datetime) -> Cell:  # noqa: FBT001
    if not enabled:
        note = "not swept"
    elif answered is None:
        note = "has not answered yet"
    else:
        note = f"last answered {age(datetime.fromisoformat(answered), now=now)}" if silent else ""
    return Cell(name=name, verdict=verdict, url=reverse("host", args=[name]), note=note, quiet=silent)
