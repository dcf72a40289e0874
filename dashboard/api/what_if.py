"""What if we lose this: the answer of /what-if/ for programs, and the hosts that most hangs on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.counted import counts_of
from dashboard.losing import lead, question_of
from fleet.foresight.losses import MOST_LOST, answer_of
from fleet.loss import Answer, ServiceLoss

router = Router(tags=["what-if"])


class LossFilters(Schema):
    """What is lost, together; each may be given several times."""

    host: list[str] = Field([], description=f"Names of hosts, {MOST_LOST} at most.")
    plugin: list[str] = Field([], description="Drivers of volumes or networks.")
    network: list[str] = Field([], description="Names of networks; `host/name` is that of one host.")
    registry: list[str] = Field([], description="Registries; `docker.io` is Docker Hub.")


class MoveOut(Out):
    moving: str = Field(description="with-state, empty, no or unknown.")
    hosts: list[str]
    stops: list[str]


class ServiceLossOut(Out):
    service: str
    slug: str
    team: str
    tier: int | None
    stage: str
    fate: str = Field(description="down, unknown, degraded, survives, or idle: it did not work before.")
    when: str = Field(description="at-once, or next-start: what runs goes on until it has to start again.")
    reasons: list[str]
    lost: list[str] = Field(description="Its replicas that are struck.")
    kept: list[str] = Field(description="Its replicas that work on for certain.")
    state_lost: str = Field(description="yes, no or unknown.")
    evidence: list[str]
    move: MoveOut | None


class VolumeLossOut(Out):
    name: str
    host: str
    kind: str
    driver: str
    lost: bool | None = Field(description="null when nobody can tell.")
    reason: str
    services: list[str]
    size: int | None


class WhatIfOut(Out):
    sentence: str
    counts: dict[str, int] = Field(description="Services by fate; they add up to `services`.")
    services: list[ServiceLossOut]
    volumes: list[VolumeLossOut]
    notes: list[str]
    cut: bool = Field(description="More hangs on it than was read.")


class HangingOut(Out):
    """What becomes of services when this host alone is lost."""

    name: str
    environment: str
    stage: str
    down: int
    down_in_production: int
    unknown: int
    degraded: int
    survives: int
    volumes: int = Field(description="Volumes that are lost with it.")
    doubtful: int = Field(description="Volumes of which that is not known.")


class RankingOut(Out):
    at: datetime = Field(description="When this was counted.")
    total: int = Field(description="Hosts that anything hangs on; the first of them follow.")
    hosts: list[HangingOut]


@router.get("", response={200: WhatIfOut, 404: Refusal, 422: Refusal}, summary="What goes down with what is lost")
def get_what_if(request: HttpRequest, lost: Query[LossFilters]) -> WhatIfOut:
    """Name at least one thing."""
    question = question_of(request.GET)
    if not question:
        raise ApiError(422, "invalid", "Name what is lost: host, plugin, network or registry.", field="host")
    counts = counts_of(request).ask("losable")
    found = answer_of(question, counts.losable, now=counts.now)
    if found.answer is None:
        kind, name = found.missing[0]
        raise ApiError(404, "not-found", f"No {kind} is called {name}.", field=kind)
    return _shown(found.answer, lead(found.answer, question), cut=found.cut)


@router.get("/hosts", response=RankingOut, summary="The hosts that most hangs on")
def list_hanging(request: HttpRequest) -> RankingOut:
    counts = counts_of(request).ask("hanging")
    rows, total = counts.ranking
    return RankingOut(
        at=counts.at.replace(microsecond=0), total=total, hosts=[HangingOut(**asdict(row)) for row in rows]
    )


def _shown(answer: Answer, sentence: str, *, cut: bool) -> WhatIfOut:
    services = [_service(one) for one in answer.services]
    counts: dict[str, int] = {}
    for one in services:
        counts[one.fate] = counts.get(one.fate, 0) + 1
    volumes = [VolumeLossOut(**{**asdict(one), "services": list(one.services)}) for one in answer.volumes]
    return WhatIfOut(
        sentence=sentence, counts=counts, services=services, volumes=volumes, notes=list(answer.notes), cut=cut
    )


def _service(one: ServiceLoss) -> ServiceLossOut:
    case, move = one.case, one.move
    return ServiceLossOut(
        service=case.name,
        slug=case.slug,
        team=case.team,
        tier=case.tier,
        stage=case.stage,
        fate=one.fate.value,
        when=one.when.value,
        reasons=list(one.reasons),
        lost=list(one.lost),
        kept=list(one.kept),
        state_lost=one.state.value,
        evidence=list(one.evidence),
        move=MoveOut(moving=move.moving.value, hosts=list(move.hosts), stops=list(move.stops)) if move else None,
    )
