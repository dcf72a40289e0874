"""Services: the rows of the catalogue."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from dashboard.api.filters import ServiceFilters
from dashboard.api.judged import JudgedOut, judged_parts, whole_second
from dashboard.api.neutrality import BondOut, bond_out, distance_of
from dashboard.api.paging import Page, Paging, page
from fleet.models import Container, Service
from fleet.neutrality import Distance
from fleet.readiness.vocabulary import Stage

router = Router(tags=["services"])


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
    distance: Distance = Field(description="How far it is from running on another OCI engine.")
    ties: list[BondOut] = Field(description="What keeps it on its engine, the heaviest first.")
    not_told: list[str] = Field(description="What the engine did not tell, so that the distance may be unknown.")


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
    return page(
        request, filters.narrow(services, now), paging, filters=filters, shape=lambda row: service_out(row, now)
    )


def service_out(service: Service, now: datetime) -> ServiceOut:
    answered_at: datetime | None = getattr(service, "answered_at", None)
    reading = service.read_ties()
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
        distance=distance_of(service),
        ties=[bond_out(bond) for bond in reading.bonds],
        not_told=list(reading.missing),
    )
