"""What if we lose this? Hosts, a plugin, a network or a registry: who goes down, who stays, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import tablib
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat

from dashboard.charts.bar import Segment
from dashboard.counted import FleetCounts, counts_of
from dashboard.losing import address_of, chosen, lead, question_of, sheet, with_added
from dashboard.sheets import harmless
from dashboard.templatetags.fates import FATES
from dashboard.words import counted
from fleet.foresight.hanging import Plugin
from fleet.foresight.losses import KINDS, MOST_LOST, Found, Question, answer_of
from fleet.loss import Answer, Fate, ServiceLoss, When
from fleet.models import Host

#: Services of one fate, volumes, and rows of the ranking that are shown.
MOST: Final = 100
_RANKED: Final = 50
_NEAR: Final = 8
KIND_CHOICES: Final = (("host", "Host"), ("plugin", "Plugin"), ("network", "Network"), ("registry", "Registry"))
_ORDER: Final = (Fate.DOWN, Fate.UNKNOWN, Fate.DEGRADED, Fate.SURVIVES, Fate.IDLE)
_ABOUT: Final = {
    Fate.DOWN: "nothing that does the work is left",
    Fate.UNKNOWN: "a fact is missing that would decide",
    Fate.DEGRADED: "goes on with fewer replicas, or with a part of what it reaches",
    Fate.SURVIVES: "goes on whole, or is started again elsewhere by itself",
    Fate.IDLE: "nothing of it works now, so nothing stops; what it keeps may still be lost",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Services of one fate, some of them shown."""

    fate: Fate
    title: str
    note: str
    services: tuple[ServiceLoss, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that nothing has, with the nearest ones and where they lead."""

    kind: str
    name: str
    near: tuple[tuple[str, str], ...]


def what_if(request: HttpRequest) -> HttpResponse:
    question = question_of(request.GET)
    kind, typed = request.GET.get("kind", "host"), request.GET.get("add", "").strip()
    if "add" in request.GET:
        return redirect(with_added(question, kind if kind in KINDS else "host", typed[:2000]))
    counts = counts_of(request).ask("losable", *([] if question else ["hanging"]))
    context = {"kinds": KIND_CHOICES, "chosen": chosen(question), "most": MOST_LOST, **_offers(counts)}
    if not question:
        return render(request, "what_if/what_if.html", {**context, **_ranking(counts)})
    found = answer_of(question, counts.losable, now=counts.now)
    if request.GET.get("format") == "csv" and found.answer:
        return _download(found)
    return render(request, "what_if/what_if.html", {**context, **_answered(found, question, counts)})


def _offers(counts: FleetCounts) -> dict[str, Any]:
    """Plugins and registries that can be lost, with a link each."""
    losable = counts.losable
    return {
        "plugins": [(name, address_of([("plugin", name)]), _used(one)) for name, one in losable.plugins.items()][:MOST],
        "registries": [
            (name, address_of([("registry", name)]), counted(one.containers, "container"))
            for name, one in losable.registries.items()
        ][:MOST],
    }


def _used(plugin: Plugin) -> str:
    parts = ((plugin.volumes, "volume"), (plugin.networks, "network"))
    return ", ".join(counted(number, noun) for number, noun in parts if number)


def _ranking(counts: FleetCounts) -> dict[str, Any]:
    rows, total = counts.ranking
    shown = rows[:_RANKED]
    return {
        "ranking": [(row, address_of([("host", row.name)])) for row in shown],
        "suggested": [row.name for row in rows],
        "ranked_note": _ranked_note(len(shown), total),
    }


def _ranked_note(shown: int, total: int) -> str:
    if not shown:
        return ""
    every = f"{counted(total, 'host')} that services hang on, each lost alone"
    return every if shown == total else f"the first {shown} of {every}"


def _answered(found: Found, question: Question, counts: FleetCounts) -> dict[str, Any]:
    if found.answer is None:
        return {"missing": [_near(kind, name, question, counts) for kind, name in found.missing]}
    answer = found.answer
    movers = [one for one in answer.services if one.move is not None]
    slugs = {one.case.name: one.case.slug for one in answer.services}
    return {
        "answer": answer,
        "lead": lead(answer, question),
        "shares": _segments(answer),
        "groups": _groups(answer),
        "volumes": [(one, [(name, slugs.get(name, "")) for name in one.services]) for one in answer.volumes[:MOST]],
        "volumes_left": max(0, len(answer.volumes) - MOST),
        "volumes_note": _volumes_note(answer),
        "movers": movers[:MOST],
        "movers_left": max(0, len(movers) - MOST),
        "cut": found.cut,
        "read": found.containers,
        "next_start": any(one.when is When.NEXT_START for one in answer.services),
        "download": f"{address_of(question.names())}&format=csv",
    }


def _segments(answer: Answer) -> list[Segment]:
    return [
        Segment(tone=FATES[fate][0], label=FATES[fate][1], count=len(answer.of(fate)), url=f"#{fate.value}")
        for fate in (Fate.SURVIVES, Fate.DEGRADED, Fate.DOWN, Fate.UNKNOWN)
    ]


def _groups(answer: Answer) -> list[Group]:
    found = []
    for fate in _ORDER:
        services = answer.of(fate)
        if services:
            note = f"{counted(len(services), 'service')} · {_ABOUT[fate]}"
            left = max(0, len(services) - MOST)
            found.append(Group(fate=fate, title=FATES[fate][1], note=note, services=services[:MOST], left=left))
    return found


def _volumes_note(answer: Answer) -> str:
    lost = sum(1 for one in answer.volumes if one.lost)
    doubtful = sum(1 for one in answer.volumes if one.lost is None)
    sizes = [one.size for one in answer.volumes if one.lost and one.size is not None]
    told = f"; {len(sizes)} of the lost are known to take {filesizeformat(sum(sizes))}" if sizes else ""
    parts = [f"{lost} lost", f"{doubtful} unknown", f"{len(answer.volumes) - lost - doubtful} kept"]
    return f"{counted(len(answer.volumes), 'place')} that hold data: {', '.join(parts)}{told}"


def _near(kind: str, name: str, question: Question, counts: FleetCounts) -> Missing:
    """Names that hold what was typed; of hosts one query, and only on this page of nothing else."""
    if kind == "host":
        names = list(Host.objects.filter(name__icontains=name).order_by("name").values_list("name", flat=True)[:_NEAR])
    else:
        known = {"plugin": counts.losable.plugins, "registry": counts.losable.registries}.get(kind, {})
        names = [one for one in known if name.lower() in one.lower()][:_NEAR]
    others = [one for one in question.names() if one != (kind, name)]
    return Missing(kind, name, tuple((one, address_of([*others, (kind, one)])) for one in names))


def _download(found: Found) -> HttpResponse:
    head, *rows = sheet(found)
    data = tablib.Dataset(*([harmless(cell) for cell in row] for row in rows), headers=head)
    response = HttpResponse(data.export("csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="what-if.csv"'
    return response
