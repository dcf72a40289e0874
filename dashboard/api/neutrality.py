"""Neutrality: what ties services to their engine and whose support ends, for other people's dashboards."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Router

from dashboard.api.out import Out
from dashboard.counted import counts_of
from fleet.models import Service
from fleet.neutrality import Bond, Distance, Effort, by_slug

router = Router(tags=["neutrality"])


class BondOut(Out):
    """One tie of one service."""

    tie: str
    title: str
    effort: Effort
    evidence: dict[str, list[str]] = Field(description="The engine's field and what stands there.")
    containers: int
    change: str = Field(description="What to change, and to what.")


class TieOut(Out):
    tie: str
    title: str
    about: str
    elsewhere: str = Field(description="What another engine makes of it.")
    change: str
    sources: list[str]
    services: dict[str, int] = Field(description="Services it holds, by stage.")


class EndingOut(Out):
    slug: str = Field(description="For `ending` of the lists of hosts and services on the pages.")
    kind: str
    title: str
    end: date | None = Field(description="Last day of fixes for everybody; null while there is none.")
    extended: date | None = Field(description="Last day of those that some get.")
    over: bool = Field(description="Nobody maintains it any more, and no day is known.")
    reason: str = Field(description="Why nobody can tell; empty where it is known.")
    hosts: int
    services: int


class NeutralityOut(Out):
    at: datetime = Field(description="When this was counted.")
    distances: dict[str, dict[str, int]] = Field(
        description="By stage, services by distance; they add up to the stage."
    )
    ties: list[TieOut]
    endings: list[EndingOut]


@router.get("", response=NeutralityOut, summary="What ties services to their engine, and whose support ends")
def get_neutrality(request: HttpRequest) -> NeutralityOut:
    counts = counts_of(request).ask("ties", "support")
    found = counts.ties
    services = {
        slug: {stage: number for stage in found.ties if (number := found.services([stage], tie=slug))}
        for slug in by_slug()
    }
    return NeutralityOut(
        at=counts.at.replace(microsecond=0),
        distances=found.distances,
        ties=[
            TieOut(
                tie=slug,
                title=tie.title,
                about=tie.about,
                elsewhere=tie.elsewhere,
                change=tie.change,
                sources=list(tie.sources),
                services=services[slug],
            )
            for slug, tie in by_slug().items()
        ],
        endings=[
            EndingOut(
                slug=one.ending.slug,
                kind=one.ending.kind,
                title=one.ending.title,
                end=one.ending.end,
                extended=one.ending.extended,
                over=one.ending.over,
                reason=one.ending.reason,
                hosts=one.hosts,
                services=one.services,
            )
            for one in counts.support
        ],
    )


def distance_of(service: Service) -> Distance:
    """As of now: on stale evidence nobody knows."""
    stale: bool = getattr(service, "rests_on_stale", False)
    return Distance.UNKNOWN if stale else Distance(service.distance)


def bond_out(bond: Bond) -> BondOut:
    tie = by_slug()[bond.slug]
    return BondOut(
        tie=bond.slug,
        title=tie.title,
        effort=bond.effort,
        evidence={name: list(values) for name, values in bond.evidence.items()},
        containers=bond.containers,
        change=bond.change or tie.change,
    )
