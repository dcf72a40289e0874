"""Where services keep their state, as pages say and draw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import django_tables2 as tables
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from dashboard.charts.bar import Segment
from dashboard.counted import FleetCounts
from dashboard.lists import ListTable, address, leading_to, linked, num, paginated
from dashboard.words import STAGES, STATE_KINDS, counted
from fleet.models import Service
from fleet.models.service import LONG
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage
from fleet.state import Form, Health, StateKind, Where
from fleet.state.kept import KeptPlace, KeptState

#: A word on each kind, for the heading of its list.
MEANS: Final = {
    StateKind.ONE_DISK: "The only copy of something it keeps lies on one host, or goes with its container.",
    StateKind.UNKNOWN: "A fact that decides is missing, or what holds its data does not answer.",
    StateKind.NETWORKED: "Another machine serves its storage. How many copies that one keeps, no engine tells.",
    StateKind.REPLICATED: "Its storage keeps copies on several machines.",
    StateKind.SELF_REPLICATED: "The program looks as if it copied its data between members on hosts of their own.",
    StateKind.STATELESS: "It writes to no place that has to be kept.",
}
TONES: Final = {
    StateKind.ONE_DISK: "not-ready",
    StateKind.UNKNOWN: "unknown",
    StateKind.NETWORKED: "stage-experiment",
    StateKind.REPLICATED: "stage-staging",
    StateKind.SELF_REPLICATED: "stage-production",
    StateKind.STATELESS: "stage-none",
}
FORMS: Final = {
    Form.BIND: "folder of the host",
    Form.VOLUME: "volume",
    Form.ANONYMOUS: "volume without a name",
    Form.CLUSTER: "cluster volume",
    Form.TMPFS: "memory",
    Form.LAYER: "its own layer",
    Form.OTHER: "",
}
LIES: Final = {
    Where.NOWHERE: "no state",
    Where.MEMORY: "in memory",
    Where.THIS_HOST: "on this host only",
    Where.ONE_MACHINE: "on one machine, unknown which",
    Where.ELSEWHERE: "on another machine",
    Where.SEVERAL: "on several machines",
    Where.UNKNOWN: "unknown",
}
PLUGINS: Final = {
    Health.BUILT_IN: "part of the engine",
    Health.ANSWERS: "answers",
    Health.DISABLED: "disabled",
    Health.SILENT: "does not answer",
    Health.UNKNOWN: "unknown",
}
_LONG: Final = 32
_HOSTS: Final = 4  # that a place names


class StateServiceTable(ListTable):
    """Services of one kind; sorted by what an index has in order."""

    name = tables.Column(verbose_name="Service", linkify=leading_to("service", "slug"), attrs={"th": {"class": "name"}})
    team = tables.Column(orderable=False, attrs={"td": {"class": "whole"}})
    state_evidence = tables.Column(verbose_name="Why", orderable=False, empty_values=())
    containers_total = tables.Column(
        verbose_name="Containers", attrs=num(), orderable=False, linkify=linked("containers", service="name")
    )

    class Meta(ListTable.Meta):
        empty_text = "No service of this stage keeps its state so."

    def render_state_evidence(self, record: Service) -> str:
        return why(record)


def why(service: Service) -> str:
    """Of a row from `with_verdict_now`: the sentence, and that it is old where it is."""
    kept = service.read_state()
    if kept is None:
        return "It was not worked out yet; that happens when one of its hosts is swept."
    if service.state_kind_now != service.state_kind:
        return f"A host of it has not answered for too long. When it last did: {kept.sentence}"
    return kept.sentence


def kinds_of(counts: FleetCounts, stage: Stage) -> dict[StateKind, int]:
    """How many services of the stage keep their state in which way; they add up to its services."""
    known: Mapping[str, int] = counts.figures.states_by_stage.get(stage.value, {})
    found = {kind: known.get(kind.value, 0) for kind in StateKind}
    # Of a count that knew no kinds yet.
    found[StateKind.UNKNOWN] += counts.figures.by_stage[stage.value] - sum(found.values())
    return found


def segments(found: Mapping[StateKind, int], stage: Stage) -> list[Segment]:
    behind = address("services", stage=stage.value)
    return [
        Segment(tone=TONES[kind], label=STATE_KINDS[kind], count=number, url=f"{behind}&state_kind={kind.value}")
        for kind, number in found.items()
    ]


def state_section(request: HttpRequest, counts: FleetCounts, stage: Stage) -> dict[str, Any]:
    """What the page of the pillar shows of it besides what every pillar has: the shares, and the services of a kind,
    at first those at the mercy of one disk.
    """
    found = kinds_of(counts, stage)
    total = sum(found.values())
    worst = next((kind for kind, number in found.items() if number), StateKind.ONE_DISK)
    given = request.GET.get("kind", "")
    kind = StateKind(given) if given in {one.value for one in StateKind} else worst
    of_stage = Service.objects.in_catalogue().filter(stage=stage.value).with_verdict_now(counts.now, stale=counts.stale)
    shown = of_stage.of_state(kind.value).defer(*(field for field in LONG if field != "state_evidence"))
    rows = shown.order_by("name")
    table = StateServiceTable(rows, prefix="state-")
    tables.RequestConfig(request, paginate=paginated(rows, 25, known=found[kind])).configure(table)
    safe = sum(number for one, number in found.items() if one.safe)
    return {
        "total": total,
        "segments": segments(found, stage),
        "share": percent(safe, total),
        "safe": counted(safe, "service"),
        "tabs": [_tab(one, number, chosen=one is kind, stage=stage) for one, number in found.items()],
        "means": MEANS[kind],
        "title": STATE_KINDS[kind],
        "table": table,
        "stage_word": STAGES[stage].lower(),
        "note": f"{counted(total, 'service')} in {STAGES[stage].lower()}",
    }


def _tab(kind: StateKind, number: int, *, chosen: bool, stage: Stage) -> tuple[str, str, bool, int]:
    url = f"{reverse('state')}?stage={stage.value}&kind={kind.value}#state-services"
    return STATE_KINDS[kind], url, chosen, number


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """One place as the page of a service shows it; `tone` and `lot` say what becomes of it with the host."""

    destination: str
    held_by: str
    source: str
    size: str
    driver: str
    options: str
    plugin: str
    lies: str
    tone: str
    lot: str
    hosts: Sequence[str]
    more_hosts: int
    containers: str
    shared: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCard:
    """Where one service keeps its state. `places` count, `others` were looked at and are no state."""

    kind: str
    means: str
    sentence: str
    family: str
    places: Sequence[PlaceRow] = ()
    others: Sequence[PlaceRow] = ()
    more: int = 0
    proven: Sequence[str] = ()
    assumed: Sequence[str] = ()
    missing: Sequence[str] = ()


def state_card(service: Service) -> StateCard:
    """Of a row from `with_verdict_now`."""
    kept = service.read_state() or KeptState(sentence="")
    kind = StateKind(service.state_kind_now)
    return StateCard(
        kind=kind.value,
        means=MEANS[kind],
        sentence=why(service),
        family=kept.family,
        places=[_row(one, kept.kind) for one in kept.places if one.counts],
        others=[_row(one, kept.kind) for one in kept.places if not one.counts],
        more=kept.more,
        # What was seen of other kinds are their places.
        proven=kept.proven if kept.kind is StateKind.SELF_REPLICATED else (),
        assumed=kept.assumed,
        missing=kept.missing,
    )


def _lot(place: KeptPlace, kind: StateKind) -> tuple[str, str]:
    """What becomes of it with its host: the name of a mark, and a word."""
    if not place.counts:
        return "not-applicable", "No state"
    if place.survives is None:
        return "unknown", "Unknown"
    if place.survives:
        return "ready", "Survives"
    return ("notice", "One copy lost") if kind is StateKind.SELF_REPLICATED else ("not-ready", "Lost")


def _row(place: KeptPlace, kind: StateKind) -> PlaceRow:
    tone, lot = _lot(place, kind)
    return PlaceRow(
        destination=place.destination,
        held_by=FORMS[place.form],
        source=place.source if len(place.source) <= _LONG or "/" in place.source else f"{place.source[:12]}…",
        size="" if place.size is None else f"about {filesizeformat(place.size)}",
        driver=place.driver,
        options=", ".join(f"{key}={value}" for key, value in place.options.items()),
        plugin=PLUGINS[place.health] if place.health else "",
        lies=LIES[place.where],
        tone=tone,
        lot=lot,
        hosts=place.hosts[:_HOSTS],
        more_hosts=place.hosts_total - len(place.hosts[:_HOSTS]),
        containers=place.container if place.containers == 1 else counted(place.containers, "container"),
        shared=", ".join(place.shared_with),
        reason=place.reason,
    )
