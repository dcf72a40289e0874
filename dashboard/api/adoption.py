"""Adoption: the figures of the overview and the adoption page, for other people's dashboards."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from dashboard.counted import counts_of

router = Router(tags=["adoption"])


class EnvironmentCounts(Schema):
    name: str
    slug: str
    stage: str
    hosts: int
    services: int
    containers: int


class AdoptionOut(Schema):
    at: datetime = Field(description="When this was counted.")
    services: int = Field(description="All services of the catalogue; the stages add up to it.")
    by_stage: dict[str, int]
    by_team: dict[str, dict[str, int]] = Field(description="Stage counts by team; the empty name is no team.")
    by_environment: list[EnvironmentCounts]
    verdicts: dict[str, int] = Field(description="Of the services in production; they add up to `by_stage.production`.")
    pillars: dict[str, dict[str, int]] = Field(description="Verdicts of the services in production, by pillar.")
    adoption_percent: int | None
    ready_percent: int | None
    load_line: int = Field(description="Percent of production services that must be ready.")
    above_the_line: bool
    hosts: int
    hosts_answering: int
    containers: int
    containers_running: int


@router.get("", response=AdoptionOut, summary="How far services have come")
def get_adoption(request: HttpRequest) -> AdoptionOut:
    counts = counts_of(request)
    now = counts.figures_by_line
    return AdoptionOut(
        at=now.at.replace(microsecond=0),
        services=now.services,
        by_stage=now.by_stage,
        by_team=now.by_team,
        by_environment=[EnvironmentCounts.model_validate(row) for row in counts.environments],
        verdicts=now.verdicts,
        pillars=now.pillars,
        adoption_percent=now.adoption_percent,
        ready_percent=now.ready_percent,
        load_line=now.load_line,
        above_the_line=now.above_the_line,
        hosts=now.hosts,
        hosts_answering=now.hosts_answering,
        containers=now.containers,
        containers_running=now.containers_running,
    )
