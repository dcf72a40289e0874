"""Services: the rows of the catalogue."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from dashboard.api.filters import ServiceFilters
from dashboard.api.judged import JudgedOut, judged_parts, whole_second
from dashboard.api.paging import Page, Paging, page
from fleet.models import Container, Service
from fleet.readiness.vocabulary import Stage
from fleet.state import StateKind

router = Router(tags=["services"])


class StateOut(Schema):
    """Where a service keeps its state. `missing` names the facts that would decide; `family` is the datastore's."""

    kind: StateKind
    why: str | None
    family: str
    assumed: list[str]
    missing: list[str]


class ServiceOut(JudgedOut):
    name: str
    slug: str
    team: str
    source: str
    declared: bool
    simulated: bool
    stage: Stage
    production_since: datetime | None
    first_seen: datetime
    containers: int
    containers_running: int
    hosts: int
    state: StateOut


@router.get("", response=Page[ServiceOut], summary="List services")
def list_services(request: HttpRequest, filters: Query[ServiceFilters], paging: Query[Paging]) -> Page[ServiceOut]:
    now = timezone.now()
    # The verdict is as old as the longest silent host that it rests on.
    oldest = (
        Container.objects.present()
        .filter(service=OuterRef("pk"), carries_verdict=True)
        .order_by()
        .values("service")
        .annotate(oldest=Min("host__answered_at"))
        .values("oldest")
    )
    services = Service.objects.in_catalogue().with_verdict_now(now).annotate(answered_at=Subquery(oldest))
    return page(request, filters.narrow(services), paging, filters=filters, shape=lambda row: service_out(row, now))


def service_out(service: Service, now: datetime) -> ServiceOut:
    answered_at: datetime | None = getattr(service, "answered_at", None)
    return ServiceOut(
        **judged_parts(service, answered_at=answered_at, now=now),
        name=service.name,
        slug=service.slug,
        team=service.team,
        source=service.source,
        declared=service.declared,
        simulated=service.simulated,
        stage=Stage(service.stage),
        production_since=whole_second(service.production_since),
        first_seen=service.first_seen.replace(microsecond=0),
        containers=service.containers_total,
        containers_running=service.containers_running,
        hosts=service.hosts_total,
        state=_state_out(service),
    )


def _state_out(service: Service) -> StateOut:
    kept = service.read_state()
    return StateOut(
        kind=StateKind(service.state_kind_now),
        why=kept.sentence if kept else None,
        family=kept.family if kept else "",
        assumed=list(kept.assumed) if kept else [],
        missing=list(kept.missing) if kept else [],
    )
