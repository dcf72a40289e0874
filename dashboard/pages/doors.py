"""Doors to the outside, by service: what any machine that reaches the hosts can open a connection to."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.counted import counts_of
from dashboard.door_words import asked, door_line
from dashboard.lists import Filters, ListTable, TeamFilter, leading_to, num, render_list, unseen
from dashboard.pages.services import STAGE_CHOICES
from dashboard.templatetags.doors import reachable
from dashboard.words import STAGES
from fleet.models import Container, Service
from fleet.reaching.kept import kept_doors
from fleet.readiness.vocabulary import Stage

#: Doors of one service that its row shows.
_SHOWN = 4
#: A service that is in no container has no door.
_IN_CONTAINERS = [(value, word) for value, word in STAGE_CHOICES if value != Stage.NONE.value]


class DoorTable(ListTable):
    name = tables.Column(verbose_name="Service", linkify=leading_to("service", "slug"), attrs={"th": {"class": "name"}})
    team = tables.Column(attrs={"td": {"class": "whole"}})
    stage = tables.Column(attrs={"td": {"class": "whole"}})
    doors = tables.Column(verbose_name="Doors", empty_values=(), orderable=False)
    doors_total = tables.Column(
        verbose_name="How many", attrs=num(), linkify=lambda record: asked("outside", f"service:{record.name}"),
        orderable=False,
    )  # fmt: skip

    class Meta(ListTable.Meta):
        order_by = ("name",)
        empty_text = "No service shows anything to the outside."

    def render_stage(self, value: str, record: Service) -> str:
        return STAGES[Stage(record.stage)]

    def render_doors(self, record: Service) -> SafeString:
        lines = [door_line(door) for door in kept_doors(record).doors]
        more = len(lines) - _SHOWN
        items = format_html_join("", "<li>{}</li>", ((_door(line),) for line in lines[:_SHOWN]))
        left = format_html('<li class="muted">and {} more</li>', more) if more > 0 else ""
        return format_html('<ul class="doors">{}{}</ul>', items, left)

    def value_doors(self, record: Service) -> str:
        lines = [door_line(door) for door in kept_doors(record).doors]
        return "; ".join(f"{line['door']} {line['where']} to {line['through']} on {line['hosts']}" for line in lines)


def _door(line: dict[str, str]) -> SafeString:
    mark = reachable(line["verdict"]) if line["verdict"] != "yes" else ""
    name = line["host"]
    host = format_html('<a href="{}">{}</a>', reverse("host", args=[name]), name) if name else line["hosts"]
    return format_html(
        '<b>{}</b> {} <span class="muted">to {} on {}</span> {}',
        line["where"], line["door"].lower(), line["through"], host, mark,
    )  # fmt: skip


class DoorFilter(Filters):
    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    team = TeamFilter(label="Team", field_name="team")
    stage = unseen(django_filters.ChoiceFilter, label="Stage", choices=STAGE_CHOICES)
    host = unseen(django_filters.CharFilter, label="On host", method="by_host")

    def by_host(self, rows: QuerySet[Service], _name: str, value: str) -> QuerySet[Service]:
        return rows.filter(Exists(Container.objects.present().filter(service=OuterRef("pk"), host__name=value)))


def doors(request: HttpRequest) -> HttpResponse:
    rows: Any = Service.objects.with_doors().defer("standing", "own_standing")
    counts_of(request)
    onward = [("Who can reach what", reverse("reach")), ("The map", reverse("network-map"))]
    return render_list(
        request,
        "doors/list.html",
        rows=rows,
        filters=DoorFilter,
        table=DoorTable,
        context={"stages": [("", "All"), *_IN_CONTAINERS], "onward": onward},
    )
