"""Services: the rows of the catalogue; listed for every token, entered, changed and removed by operators."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db.models import Min, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from dashboard.api.auth import BearerToken, signed_by
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.filters import ServiceFilters
from dashboard.api.judged import JudgedOut, judged_parts, whole_second
from dashboard.api.neutrality import BondOut, bond_out, distance_of
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page
from fleet.catalogue import CatalogueError, Entry, change, enter, remove
from fleet.catalogue.entries import entry_of
from fleet.lookup import UnknownNameError, find_service
from fleet.models import Container, Service
from fleet.models.service import ServiceQuerySet
from fleet.neutrality import Distance
from fleet.readiness.vocabulary import Stage
from fleet.state import StateKind

router = Router(tags=["services"])


class StateOut(Out):
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
    source: str = Field(
        description="What named it: label, swarm, compose, mapping, image, name; empty before any container."
    )
    declared: bool = Field(description="A person entered it; it stays without any container.")
    simulated: bool
    stage: Stage = Field(description="What its containers prove.")
    declared_stage: Stage | None = Field(description="A person's word; it counts only while no container tells.")
    tier: int | None = Field(description="1 is the most critical. As it was entered; labels are not looked at.")
    runbook: str
    oncall: str
    source_url: str
    entered_by: str
    entered_at: datetime | None
    production_since: datetime | None
    first_seen: datetime
    containers: int
    containers_running: int
    hosts: int
    state: StateOut
    distance: Distance = Field(description="How far it is from running on another OCI engine.")
    ties: list[BondOut] = Field(description="What keeps it on its engine, the heaviest first.")
    not_told: list[str] = Field(description="What the engine did not tell, so that the distance may be unknown.")


class ServiceIn(Schema):
    name: str
    team: str = ""
    tier: int | None = None
    declared_stage: str = Field("", description="production, staging, experiment, or empty.")
    runbook: str = Field("", description="An http or https address.")
    oncall: str = ""
    source_url: str = Field("", description="An http or https address.")


class ServiceChange(Schema):
    """What is left out stays; an empty text, and a tier of null, take away what is stored."""

    name: str | None = None
    team: str | None = None
    tier: int | None = None
    declared_stage: str | None = None
    runbook: str | None = None
    oncall: str | None = None
    source_url: str | None = None


#: What the list says nothing of.
_BULKY: Final = ("standing", "own_standing", "doors", "stages_since")


@router.get("", response=Page[ServiceOut], summary="List services")
def list_services(request: HttpRequest, filters: Query[ServiceFilters], paging: Query[Paging]) -> Page[ServiceOut]:
    now = timezone.now()
    services = _with_age(Service.objects.in_catalogue().with_verdict_now(now)).defer(*_BULKY)
    return page(
        request, filters.narrow(services, now), paging, filters=filters, shape=lambda row: service_out(row, now)
    )


@router.get("/{name}", response={200: ServiceOut, 404: Refusal}, summary="One service")
def get_service(request: HttpRequest, name: str) -> ServiceOut:
    """By its slug; by its name where that holds no slash."""
    return _shown(_found(name), timezone.now())


@router.post(
    "",
    response={201: ServiceOut, 422: Refusal},
    auth=BearerToken("operator"),
    summary="Enter a service (operator)",
)
def add_service(request: HttpRequest, body: ServiceIn) -> Status[ServiceOut]:
    """Before it has any container, or with those that bear its name later."""
    now = timezone.now()
    told = body.dict()
    entry = Entry(**{_NAMES.get(name, name): _text(value) for name, value in told.items()})
    try:
        made = enter(entry, by=signed_by(request), now=now)
    except CatalogueError as error:
        raise _refused(error) from None
    return Status(201, _shown(made, now))


@router.patch(
    "/{name}",
    response={200: ServiceOut, 404: Refusal, 422: Refusal},
    auth=BearerToken("operator"),
    summary="Change a service's entry (operator)",
)
def change_service(request: HttpRequest, name: str, body: ServiceChange) -> ServiceOut:
    now = timezone.now()
    found = _found(name)
    told = {_NAMES.get(field, field): _text(value) for field, value in body.dict(exclude_unset=True).items()}
    try:
        done = change(found, replace(entry_of(found), **told), by=signed_by(request), now=now)
    except CatalogueError as error:
        raise _refused(error) from None
    return _shown(done, now)


@router.delete(
    "/{name}",
    response={204: None, 404: Refusal, 409: Refusal},
    auth=BearerToken("operator"),
    summary="Take a service out of the catalogue (operator)",
)
def remove_service(request: HttpRequest, name: str) -> Status[None]:
    """Only while it has no container."""
    try:
        remove(_found(name))
    except CatalogueError as error:
        raise ApiError(409, "has-containers", str(error), field=error.field) from None
    return Status(204, None)


#: Fields that `fleet.catalogue` calls otherwise.
_NAMES = {"declared_stage": "stage"}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _refused(error: CatalogueError) -> ApiError:
    field = "declared_stage" if error.field == "stage" else error.field
    return ApiError(422, "invalid", str(error), field=field)


def _found(name: str) -> Service:
    try:
        found = find_service(name) if name.isprintable() else None
    except UnknownNameError as error:
        raise ApiError(404, "not-found", str(error), field="name") from None
    if found is None:
        raise ApiError(404, "not-found", "No service is called so.", field="name")
    return found


def _shown(service: Service, now: datetime) -> ServiceOut:
    rows = Service.objects.with_verdict_now(now, alone=True).filter(pk=service.pk)
    return service_out(_with_age(rows).get(), now)


def _with_age(services: ServiceQuerySet) -> ServiceQuerySet:
    # The verdict is as old as the longest silent host that it rests on.
    oldest = (
        Container.objects.present()
        .filter(service=OuterRef("pk"), carries_verdict=True)
        .order_by()
        .values("service")
        .annotate(oldest=Min("host__answered_at"))
        .values("oldest")
    )
    return services.annotate(answered_at=Subquery(oldest))


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
        declared_stage=Stage(service.declared_stage) if service.declared_stage else None,
        tier=service.tier,
        runbook=service.runbook,
        oncall=service.oncall,
        source_url=service.source_url,
        entered_by=service.entered_by,
        entered_at=whole_second(service.entered_at),
        production_since=whole_second(service.production_since),
        first_seen=service.first_seen.replace(microsecond=0),
        containers=service.containers_total,
        containers_running=service.containers_running,
        hosts=service.hosts_total,
        state=_state_out(service),
        distance=distance_of(service),
        ties=[bond_out(bond) for bond in reading.bonds],
        not_told=list(reading.missing),
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
