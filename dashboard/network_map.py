"""The map as a page needs it: the chart that the fleet's size and the filters ask for, planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from dashboard.charts.map_groups import services_in
from dashboard.charts.map_plan import Address, Plan, Row, plan_of, rows_of
from dashboard.counted import FleetCounts
from dashboard.door_words import asked
from dashboard.losing import address_of
from dashboard.words import counted
from fleet.models import Host
from fleet.network_map import Chart, Filters, Span, chart_around, narrowed

_GROUPS: Final = (("", "What fits"), ("host", "Host"), ("environment", "Environment"), ("team", "Team"))
_MOST_SILENT: Final = 2000


class MapForm(forms.Form):
    """Which part of the map, and in which compartments. What a link leads to and nobody types is hidden."""

    environment = forms.ChoiceField(label="Environment", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    network = forms.ChoiceField(label="Network", required=False)
    exposed = forms.ChoiceField(
        label="Services", required=False, choices=[("", "All"), ("yes", "With a door to the outside")]
    )
    by = forms.ChoiceField(label="Compartments by", required=False, choices=_GROUPS)
    host = forms.CharField(label="Host", required=False, widget=forms.HiddenInput)
    service = forms.CharField(label="Service", required=False, widget=forms.HiddenInput)
    show = forms.ChoiceField(
        label="Show", required=False, choices=[("", ""), ("all", "Every service")], widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, str], counts: FleetCounts) -> None:
        super().__init__(data)
        chart = counts.chart
        teams = sorted({one.team for one in chart.moorings})
        nets = sorted(
            {net.name for net in chart.nets if net.span is not Span.OTHERS} | {data.get("network") or ""} - {""}
        )
        self._choose("environment", "All", [(place.slug, place.name) for place in chart.places])
        self._choose("team", "All", [(team or "-", team or "No team") for team in teams])
        self._choose("network", "All", [(name, name) for name in nets])

    def _choose(self, name: str, every: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker: it is declared above
        field.choices = [("", every), *choices]

    @property
    def filters(self) -> Filters:
        given = self.cleaned_data
        return Filters(
            environment=given["environment"],
            team=given["team"],
            host=given["host"],
            network=given["network"],
            service=given["service"],
            exposed=bool(given["exposed"]),
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """What the filter bar wants: something with a form."""

    form: MapForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """`services` are on the map, of the `total` that would be without filters; `any` says that there would be anything
    without them, and `named` is the name of the service of the filter.
    """

    form: MapForm
    plan: Plan
    rows: list[Row]
    fine: bool
    any: bool
    services: int
    total: int = 0
    named: str = ""

    @property
    def url(self) -> str:
        """Of the map's own page."""
        return reverse("network-map")

    @property
    def note(self) -> str:
        return f"{counted(self.services, 'service')} running here"

    @property
    def onward(self) -> list[tuple[str, str]]:
        """What to ask next, first of what the map is narrowed to."""
        given = self.form.cleaned_data
        host, network = given.get("host", ""), given.get("network", "")
        found = []
        if host:
            found += [(f"Who can reach {host}", asked("", f"host:{host}")), _losing("host", host)]
            found.append(("Its subnets", reverse("ranges", args=[host])))
        if self.named:
            found.append((f"Who can reach {self.named}", asked("", f"service:{self.named}")))
        if network:
            found.append(_losing("network", network))
        found += [("Doors to the outside", reverse("doors")), ("Who can reach what", reverse("reach"))]
        return [*found, ("Subnets", reverse("fleet-ranges"))]

    @property
    def bar(self) -> Bar:
        return Bar(self.form)


def map_of(counts: FleetCounts, data: Mapping[str, str], *, stage: str = "") -> Map:
    """`data` is the address's query. What is wrong in it is said beside its field, and draws nothing. With a stage, of
    its environments.
    """
    form = MapForm(data, counts)
    whole = counts.chart
    if not form.is_valid():
        plan, chart = Plan(compartments=(), by=""), Chart()
    else:
        filters = replace(form.filters, environments=_environments(counts, stage))
        chart = narrowed(_chart(whole, filters), filters)
        silent, silent_in = _silent(counts)
        plan = plan_of(
            chart,
            address=addresses(form.cleaned_data),
            by=form.cleaned_data["by"],
            everything=form.cleaned_data["show"] == "all",
            silent=silent,
            silent_in=silent_in,
        )
    return Map(
        form=form,
        plan=plan,
        rows=rows_of(plan),
        fine=chart.fine,
        any=bool(whole.moorings),
        services=services_in(chart.moorings),
        total=services_in(whole.moorings),
        named=_name(chart, form.cleaned_data.get("service", "")),
    )


def _name(chart: Chart, slug: str) -> str:
    """What the service is called, or nothing when it is not on the chart."""
    every = (named for one in chart.moorings for named in one.names)
    return next((named.name for named in every if slug and named.slug == slug), "")


def _losing(kind: str, name: str) -> tuple[str, str]:
    return f"What if we lose {name}?", address_of([(kind, name)])


def _environments(counts: FleetCounts, stage: str) -> frozenset[str] | None:
    return frozenset(row["slug"] for row in counts.environments if row["stage"] == stage) if stage else None


def _chart(whole: Chart, filters: Filters) -> Chart:
    """Of a fleet too large to be kept in the fine grain, what lies around one host or service is read now."""
    if whole.fine or not (filters.host or filters.service):
        return whole
    return chart_around(host=filters.host, service=filters.service)


def _silent(counts: FleetCounts) -> tuple[set[str], Counter[str]]:
    """Hosts whose sweeps fail or are too long ago, by name and by environment; as of now, not as of the last count."""
    rows = Host.objects.silent(counts.now).values_list("name", "environment__slug")[:_MOST_SILENT]
    found = list(rows)
    return {name for name, _ in found}, Counter(slug for _, slug in found)


def addresses(now: Mapping[str, Any]) -> Address:
    """Addresses of this map with more filters; how it was grouped and how much of it shown is not carried along."""
    kept = {name: value for name, value in now.items() if value and name not in {"by", "show"}}

    def at(**more: str) -> str:
        query = urlencode({**kept, **{name: value for name, value in more.items() if value}})
        return f"{reverse('network-map')}?{query}" if query else reverse("network-map")

    return at
