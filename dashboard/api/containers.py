"""Containers: those that the last sweep of their host still saw."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from dashboard.api.filters import ContainerFilters
from dashboard.api.judged import JudgedOut, judged_parts, whole_second
from dashboard.api.paging import Page, Paging, page
from dashboard.counted import counts_of
from fleet.models import Container

router = Router(tags=["containers"])

#: What a page of five hundred says nothing of, and reading took four tenths of its time.
_BULKY: Final = (
    "facts", "restart_marks", "standing", "own_standing", "service__standing", "service__own_standing", "host__facts",
    "host__swarm", "host__gaps", "host__asked", "host__standing", "host__own_standing", "host__judged_on",
    "host__images_inspected",
)  # fmt: skip


class ContainerOut(JudgedOut):
    id: str
    name: str
    host: str
    environment: str = Field(description="Slug of the host's environment.")
    service: str | None
    team: str
    image: str
    state: str
    health: str
    restart_count: int
    created_at: datetime | None
    started_at: datetime | None
    first_seen: datetime


@router.get("", response=Page[ContainerOut], summary="List containers")
def list_containers(
    request: HttpRequest, filters: Query[ContainerFilters], paging: Query[Paging]
) -> Page[ContainerOut]:
    now = timezone.now()
    containers = (
        Container.objects.present().with_verdict_now(now).select_related("host__environment", "service").defer(*_BULKY)
    )
    chosen = filters.narrow(containers, lambda: counts_of(request).measured.references)
    return page(request, chosen, paging, filters=filters, shape=lambda row: container_out(row, now))


def container_out(container: Container, now: datetime) -> ContainerOut:
    service, host = container.service, container.host
    return ContainerOut(
        **judged_parts(container, answered_at=host.answered_at, now=now),
        id=container.engine_id,
        name=container.name,
        host=host.name,
        environment=host.environment.slug,
        service=service.name if service else None,
        team=service.team if service else host.team,
        image=container.image_reference,
        state=container.state,
        health=container.health,
        restart_count=container.restart_count,
        created_at=whole_second(container.created_at),
        started_at=whole_second(container.started_at),
        first_seen=container.first_seen.replace(microsecond=0),
    )
