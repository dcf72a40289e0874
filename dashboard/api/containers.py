"""Containers: those that the last sweep of their host still saw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from dashboard.api.filters import ContainerFilters
from dashboard.api.judged import JUDGED_COLUMNS, JudgedOut, judged_plain, whole_second
from dashboard.api.paging import Page, Paging, plain_page
from dashboard.counted import counts_of
from fleet.models import Container

router = Router(tags=["containers"])

_COLUMNS: Final = (
    "engine_id", "name", "host__name", "host__environment__slug", "host__team", "host__answered_at", "service__name",
    "service__team", "image_reference", "state", "health", "restart_count", "created_at", "started_at", "first_seen",
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
def list_containers(request: HttpRequest, filters: Query[ContainerFilters], paging: Query[Paging]) -> HttpResponse:
    now = timezone.now()
    containers = Container.objects.present().with_verdict_now(now)
    chosen = filters.narrow(containers, lambda: counts_of(request).measured.references)
    columns = (*_COLUMNS, *JUDGED_COLUMNS)
    return plain_page(request, chosen, paging, filters=filters, columns=columns, shape=lambda told: _plain(told, now))


def _plain(told: Sequence[Any], now: datetime) -> dict[str, Any]:
    """As ContainerOut; `told` are the columns' values."""
    own, judged = told[: len(_COLUMNS)], told[len(_COLUMNS) :]
    engine_id, name, host, environment, host_team, answered_at, service, team, image, state, health, *rest = own
    restarts, created_at, started_at, first_seen = rest
    return {
        **judged_plain(Container, judged, answered_at=answered_at, now=now),
        "id": engine_id,
        "name": name,
        "host": host,
        "environment": environment,
        "service": service,
        "team": host_team if service is None else team,
        "image": image,
        "state": state,
        "health": health,
        "restart_count": restarts,
        "created_at": whole_second(created_at),
        "started_at": whole_second(started_at),
        "first_seen": whole_second(first_seen),
    }
