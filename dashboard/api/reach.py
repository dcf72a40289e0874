"""Reach: who can open a connection to what, with every door; and the doors of services to the outside."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from dashboard.api.errors import ApiError
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page, refuse_unknown
from fleet.models import Service
from fleet.reach import Answer, DoorKind, Encrypted, Place, Reachable, Way
from fleet.reaching.asking import ask
from fleet.reaching.finding import find, is_there, suggest
from fleet.reaching.kept import kept_doors
from fleet.readiness.vocabulary import Stage

router = Router(tags=["reach"])
_PLACE = "`outside`, `service:NAME`, `host:NAME`, `wire:HOST` (a machine beside it, with routes) or `container:KEY`."


class ReachQuery(Schema):
    source: str = Field(alias="from", description=_PLACE)
    target: str = Field(alias="to", description=_PLACE)


class PlaceOut(Out):
    kind: str
    name: str
    host: str


class WayOut(Out):
    door: DoorKind
    network: str
    address: str
    host_port: int | None
    port: int | None = Field(description="Inside the container; null is every port it opens, of which no engine tells.")
    protocol: str | None
    verdict: Reachable
    encrypted: Encrypted = Field(description="By the engine, from host to host.")
    because: str
    host: str
    start: PlaceOut | None = Field(description="The container that it begins in.")
    to: PlaceOut | None = Field(description="The container that it leads to.")


class ReachOut(Out):
    source: PlaceOut
    target: PlaceOut
    verdict: Reachable
    because: str
    doubt: str = Field(description="Why there may be other ways; empty where there are none.")
    cut: bool = Field(description="Whether not all containers of these places were looked at.")
    ways: list[WayOut]


class DoorOut(Out):
    door: DoorKind
    verdict: Reachable
    network: str
    address: str
    host_port: int | None
    port: int | None
    protocol: str | None
    hosts: int
    host: str = Field(description="One of the hosts.")


class ServiceDoorsOut(Out):
    service: str
    team: str
    stage: Stage
    doors_total: int
    doors: list[DoorOut] = Field(description="The first 25.")


class DoorFilters(Schema):
    team: str | None = None
    stage: Stage | None = None
    q: str | None = Field(None, description="Part of the name.")


@router.get("", response=ReachOut, summary="Can this open a connection to that")
def get_reach(request: HttpRequest, query: Query[ReachQuery]) -> ReachOut:
    refuse_unknown(request, {"from", "to"})
    source, target = _place("from", query.source), _place("to", query.target)
    try:
        return answer_out(ask(source, target, now=timezone.now()))
    except LookupError as error:
        raise ApiError(422, "invalid", f"{error}.") from error


@router.get("/doors", response=Page[ServiceDoorsOut], summary="List services with doors to the outside")
def list_doors(request: HttpRequest, filters: Query[DoorFilters], paging: Query[Paging]) -> Page[ServiceDoorsOut]:
    rows = Service.objects.with_doors().defer("standing", "own_standing")
    if filters.team is not None:
        rows = rows.filter(team=filters.team)
    if filters.stage:
        rows = rows.filter(stage=filters.stage.value)
    if filters.q:
        rows = rows.filter(name__icontains=filters.q)
    return page(request, rows, paging, filters=filters, shape=_doors)


def _place(field: str, typed: str) -> Place:
    found = find(typed)
    if found.place is not None and not is_there(found.place):
        found = suggest(typed)
    if found.place is None:
        hint = "; did you mean " + " or ".join(key for key, _ in found.choices[:3]) + "?" if found.choices else ""
        raise ApiError(422, "invalid", f"{field}: nothing is called {typed}{hint}", field=field)
    return found.place


def answer_out(answer: Answer) -> ReachOut:
    return ReachOut(
        source=_place_out(answer.source),
        target=_place_out(answer.target),
        verdict=answer.verdict,
        because=answer.because,
        doubt=answer.doubt,
        cut=answer.cut,
        ways=[_way(one) for one in answer.ways],
    )


def _place_out(place: Place) -> PlaceOut:
    return PlaceOut(kind=place.kind.value, name=place.name, host=place.host)


def _way(way: Way) -> WayOut:
    return WayOut(
        door=way.door.kind,
        network=way.door.network,
        address=way.door.address,
        host_port=way.door.host_port,
        port=way.port,
        protocol=way.protocol,
        verdict=way.verdict,
        encrypted=way.encrypted,
        because=way.because,
        host=way.door.host,
        start=_place_out(way.start) if way.start else None,
        to=_place_out(way.to) if way.to else None,
    )


def _doors(service: Service) -> ServiceDoorsOut:
    return ServiceDoorsOut(
        service=service.name,
        team=service.team,
        stage=Stage(service.stage),
        doors_total=service.doors_total or 0,
        doors=[
            DoorOut(
                door=one.kind,
                verdict=one.verdict,
                network=one.network,
                address=one.address,
                host_port=one.host_port,
                port=one.port,
                protocol=one.protocol,
                hosts=one.hosts,
                host=one.host,
            )
            for one in kept_doors(service).doors
        ],
    )
