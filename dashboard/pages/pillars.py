"""The six pillars: what each asks, which services fail in it, and the facts that answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard.charts.bar import verdict_segments
from dashboard.counted import FleetCounts, counts_of
from dashboard.lists import ListTable, address, leading_to, linked, num, paginated
from dashboard.network_map import map_of
from dashboard.neutrality import neutrality
from dashboard.pages.overview import JUDGED_STAGES, chosen_stage
from dashboard.pages.rules import rule_rows
from dashboard.pillar_facts import facts_for
from dashboard.state_kinds import state_section
from dashboard.templatetags.marks import verdict
from dashboard.trust import images_url, trust_section
from dashboard.words import PILLARS, STAGES, counted
from fleet.models import Service
from fleet.models.service import LONG
from fleet.readiness.vocabulary import Pillar, Stage, Verdict

#: What each pillar asks, in the words of the people who kept containers out of production.
QUESTIONS = {
    Pillar.NETWORK: "Who can reach what? A container should be reached from outside only where someone opened a door.",
    Pillar.STATE: "Where does each service keep its state, and what is lost if a host dies?",
    Pillar.TRUST: "Whose image is this? What runs should come from a registry you chose and be the content you tested.",
    Pillar.RUNTIME: "Could this run without this vendor, and is what it runs on still supported?",
    Pillar.RESILIENCE: "What happens when it hangs, leaks or crashes at three in the morning?",
    Pillar.HARDENING: "Does a break-in in one container take the host?",
}

#: Counts that a pillar's page takes besides those of all of them.
_COUNTED = {Pillar.TRUST: ("images", "trust"), Pillar.NETWORK: ("map",), Pillar.RUNTIME: ("ties", "support")}


class PillarServiceTable(ListTable):
    name = tables.Column(verbose_name="Service", linkify=leading_to("service", "slug"), attrs={"th": {"class": "name"}})
    team = tables.Column()
    now_here = tables.Column(
        verbose_name="In this pillar", accessor="rank_here", order_by=("rank_here", "name"), empty_values=()
    )
    verdict_now = tables.Column(verbose_name="Overall", order_by=("verdict_rank", "name"))
    containers_total = tables.Column(
        verbose_name="Containers", attrs=num(), linkify=linked("containers", service="name")
    )

    class Meta(ListTable.Meta):
        empty_text = "None: every service of this stage is ready in this pillar."

    def __init__(self, *args: Any, pillar: Pillar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pillar = pillar.value

    def render_now_here(self, record: Service) -> SafeString:
        return verdict(record.pillars_now[self.pillar])

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)


def page_for(pillar: Pillar) -> Callable[[HttpRequest], HttpResponse]:
    """The view of one pillar; all six are drawn alike."""

    def page(request: HttpRequest) -> HttpResponse:
        return _pillar(request, pillar)

    return page


def _pillar(request: HttpRequest, pillar: Pillar) -> HttpResponse:
    counts = counts_of(request).ask("findings", *_COUNTED.get(pillar, ()))
    current = counts.figures
    stage = chosen_stage(request, current)
    of_stage = Service.objects.filter(stage=stage.value).defer(*LONG)
    below = of_stage.below_in_pillar(pillar.value, counts.now, stale=counts.stale)
    table = PillarServiceTable(below, pillar=pillar)
    verdicts = current.pillars_by_stage[stage.value][pillar.value]
    number = sum(verdicts.values()) - verdicts[Verdict.READY.value]
    tables.RequestConfig(request, paginate=paginated(below, 25, known=number)).configure(table)
    context: dict[str, Any] = {
        "pillar": PILLARS[pillar],
        "question": QUESTIONS[pillar],
        "onward": _onward(pillar, stage),
        "stage": stage.value,
        "stages": [(one.value, STAGES[one]) for one in JUDGED_STAGES],
        **_share(verdicts, stage=stage, pillar=pillar),
        "below_note": f"{counted(number, 'service')}, worst first" if number else "",
        "rules": rule_rows(counts.by_rule, pillar=pillar),
        "table": table,
        "map": map_of(counts, {}, stage=stage.value) if pillar is Pillar.NETWORK else None,
        "facts": facts_for(pillar, counts, everything=request.GET.get("facts") == "all"),
        **_own(request, pillar, counts, stage),
    }
    return render(request, "pillars/pillar.html", context)


def _own(request: HttpRequest, pillar: Pillar, counts: FleetCounts, stage: Stage) -> dict[str, Any]:
    """What one pillar's page shows and no other."""
    if pillar is Pillar.RUNTIME:
        return neutrality(counts, stage)
    if pillar is Pillar.STATE:
        return {"kept": state_section(request, counts, stage)}
    return {"trust": trust_section(counts)} if pillar is Pillar.TRUST else {}


def _onward(pillar: Pillar, stage: Stage) -> list[tuple[str, str]]:
    """Where the pillar's question is asked of one thing instead of the fleet."""
    doors = ("Doors to the outside", address("doors", stage=stage.value))
    losing = reverse("what-if")
    return {
        Pillar.NETWORK: [doors, ("Who can reach what", reverse("reach")), ("Subnets", reverse("fleet-ranges"))],
        Pillar.STATE: [("What if we lose a host?", losing)],
        Pillar.TRUST: [
            ("Images by what is proven", images_url()),
            ("Publishers", reverse("trust-roots")),
            ("Scans", reverse("scans")),
            ("What if we lose a registry?", f"{losing}#others"),
        ],
        Pillar.RUNTIME: [("What if we lose a plugin?", f"{losing}#others")],
        Pillar.RESILIENCE: [("What if we lose a host?", losing)],
        Pillar.HARDENING: [doors],
    }[pillar]


def _share(counts: Mapping[str, int], *, stage: Stage, pillar: Pillar) -> dict[str, object]:
    total = sum(counts.values())
    behind = address("services", stage=stage.value)
    return {
        "total": total,
        "total_note": f"{counted(total, 'service')} in {STAGES[stage].lower()}",
        "total_url": behind,
        "segments": verdict_segments(counts, url=f"{behind}&{pillar.value}="),
    }
