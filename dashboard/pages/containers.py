"""Containers: every one on every host, and one with its findings and raw facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import django_filters
import django_tables2 as tables
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.container_facts import fact_groups
from dashboard.counted import FleetCounts, counts_of
from dashboard.findings import grouped
from dashboard.lists import EnvironmentFilter, Filters, ListTable, MoreThan, TeamFilter, leading_to, render_list, unseen
from dashboard.pages.services import STAGE_CHOICES, VERDICT_CHOICES
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.templatetags.pieces import short_name, time_ago
from dashboard.trust import called, image_url, images_url, short_image
from fleet.adoption.definitions import CONTAINERS_IN_PRODUCTION, DEFINITIONS, INFRASTRUCTURE
from fleet.counting import repository_of
from fleet.inventory import ImageReference
from fleet.models import Container
from fleet.models.answers import Answers
from fleet.models.container import ContainerQuerySet
from fleet.models.named import FEW
from fleet.proving.image import spellings
from fleet.readiness.vocabulary import Stage

_HUB = "docker.io/"
STATES = [(one, one.capitalize()) for one in ("running", "restarting", "paused", "exited", "created", "dead")]
HEALTH = [(one, one.capitalize()) for one in ("healthy", "unhealthy", "starting", "none")]


class ContainerTable(ListTable):
    name = tables.Column(
        verbose_name="Container", linkify=leading_to("container", "pk"), attrs={"th": {"class": "name"}}
    )
    service = tables.Column(
        verbose_name="Service", linkify=leading_to("service", "service.slug"), accessor="service__name"
    )
    host = tables.Column(verbose_name="Host", linkify=leading_to("host", "host.name"), accessor="host__name")
    image_reference = tables.Column(verbose_name="Image")
    state = tables.Column()
    verdict_now = tables.Column(verbose_name="Verdict", order_by=("verdict_rank", "name", "pk"))
    pillars = tables.Column(empty_values=(), orderable=False, verbose_name="Pillars")
    started_at = tables.Column(verbose_name="Started")

    class Meta(ListTable.Meta):
        order_by = ("verdict_now",)

    def render_name(self, value: str) -> SafeString | str:
        return short_name(value)

    def render_image_reference(self, value: str) -> SafeString:
        return _image(value)

    def render_state(self, value: str, record: Container) -> str:
        return value if record.health in {"", "none"} else f"{value}, {record.health}"

    def render_verdict_now(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, record: Container) -> SafeString:
        return pillar_strip(record.pillars_now)

    def render_started_at(self, value: datetime) -> SafeString | str:
        return time_ago(value)


@lru_cache(maxsize=2048)  # most containers run what others run
def _image(reference: str) -> SafeString:
    link = '<span class="image" title="{}"><a href="{}">{}</a></span>'
    return format_html(link, reference, images_url(q=called(reference)), short_image(reference))


class ContainerFilter(Filters):
    q = django_filters.CharFilter(label="Name or image", method="by_words")
    state = django_filters.ChoiceFilter(label="State", choices=STATES)
    health = django_filters.ChoiceFilter(label="Health", choices=HEALTH)
    verdict = django_filters.ChoiceFilter(label="Verdict", choices=VERDICT_CHOICES, method="by_verdict")
    environment = unseen(
        EnvironmentFilter,
        label="Environment",
        field_name="host__environment__slug",
    )
    stage = unseen(
        django_filters.ChoiceFilter,
        label="On hosts of",
        field_name="host__environment__stage",
        choices=[choice for choice in STAGE_CHOICES if choice[0] != Stage.NONE.value],
    )
    host = unseen(django_filters.CharFilter, label="Host", field_name="host__name")
    service = unseen(django_filters.CharFilter, label="Service", field_name="service__name")
    image = unseen(django_filters.CharFilter, label="Image", method="by_image")
    named = unseen(django_filters.CharFilter, label="Named", method="by_whole_name")
    image_id = unseen(django_filters.CharFilter, label="Image ID", field_name="image__engine_id")
    team = unseen(TeamFilter, label="Team", field_name="service__team")
    infrastructure = unseen(
        django_filters.ChoiceFilter,
        label="Infrastructure",
        choices=[("no", "Left out"), ("yes", "Only that")],
        method="by_infrastructure",
    )

    def by_words(self, rows: ContainerQuerySet, _name: str, value: str) -> ContainerQuerySet:
        return rows.matching(value, counts_of(self.request).containers_with(value))

    def by_infrastructure(self, rows: ContainerQuerySet, _name: str, value: str) -> ContainerQuerySet:
        return rows.of_infrastructure(counts_of(self.request).measured.references, it_is=value == "yes")

    def by_verdict(self, rows: ContainerQuerySet, _name: str, value: str) -> ContainerQuerySet:
        return rows.of_verdict(value, counts_of(self.request).stale)

    def by_image(self, rows: ContainerQuerySet, _name: str, value: str) -> ContainerQuerySet:
        """Every tag and digest of one repository, which references name with and without what goes without saying;
        of what is known by its id only, those whose id begins so.
        """
        if ImageReference.parse(value) is None or value.startswith("sha256:"):
            return rows.filter(image_reference__istartswith=value)
        hub = value.removeprefix(_HUB)
        ways = {value, hub, hub.removeprefix("library/"), _HUB + hub.removeprefix("library/")} - {""}
        wanted = Q()
        for one in sorted(way for way in ways if repository_of(way) == value):
            # As it is written: names of images have no capitals, and looking past these takes four times as long.
            wanted |= Q(image_reference=one) | Q(image_reference__startswith=f"{one}:")
            wanted |= Q(image_reference__startswith=f"{one}@")
        return rows.filter(wanted)

    def by_whole_name(self, rows: ContainerQuerySet, _name: str, value: str) -> ContainerQuerySet:
        """One image under its whole name, whichever way that is written."""
        return rows.filter(image_reference__in=spellings(value))


def containers(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request).ask(*(["images"] if request.GET.get("image") else []))
    rows = Container.objects.present().with_verdict_now(counts.now).for_lists()
    environments = [("", "All"), *((row["slug"], row["name"]) for row in counts.environments)]
    return render_list(
        request,
        "containers/list.html",
        rows=rows,
        filters=ContainerFilter,
        table=ContainerTable,
        context={"environments": environments},
        known=_known,
    )


def _known(counts: FleetCounts, on: Mapping[str, str]) -> int | None:
    """How many containers there are, in a state, of one of the images that most run, or running in an environment, as
    it was counted; or with a word.
    """
    match sorted(on):
        case []:
            return counts.containers
        case ["q"]:
            keys = counts.containers_with(on["q"].strip())
            return MoreThan(FEW) if keys is None else len(keys)
        case ["image"]:
            return next((number for name, number, _ in counts.images["images"] if name == on["image"]), None)
        case ["state"]:
            return counts.figures.containers_by_state.get(on["state"], 0)
        case ["environment", "state"] if on["state"] == "running":
            return next((row["containers"] for row in counts.environments if row["slug"] == on["environment"]), None)
    key = next((key for key in _FIGURES if DEFINITIONS[key].filters == on), None)
    return counts.numbers[key].part if key else None


#: Figures of adoption that this list is behind.
_FIGURES = (CONTAINERS_IN_PRODUCTION, INFRASTRUCTURE)


def container(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    rows = Container.objects.with_verdict_now(now).select_related("host__environment", "service", "image")
    found = get_object_or_404(rows, pk=pk)
    one = Container.objects.filter(pk=pk)
    findings = Answers().none() if found.gone_at else Answers().about(one)
    context = {
        "container": found,
        "image": short_image(found.image_reference),
        "pillars": found.pillars_now,
        "findings": grouped(findings, now=now),
        "groups": fact_groups(found.read_facts()),
        "trust_url": image_url(found.image_reference, found.image.engine_id) if found.image else "",
    }
    return render(request, "containers/detail.html", context)
