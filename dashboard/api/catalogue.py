"""The catalogue's mappings and its import: drafted, tried out on the whole fleet, and put in force by admins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from dashboard.api.auth import BearerToken, signed_by
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page
from dashboard.mapping_preview import begin, preview_of
from dashboard.queueing import ask_for_renaming
from fleet.catalogue import (
    COLUMNS,
    CatalogueError,
    adopt,
    draft,
    import_services,
    move,
    renaming_under_way,
    take_away,
)
from fleet.catalogue.importing import Changed
from fleet.inventory.mapping import Terms
from fleet.models import ServiceMapping
from fleet.models.mapping import TERMS
from fleet.sheet import SheetError, read_rows

router = Router(tags=["catalogue"])


class TermsIn(Schema):
    """Every pattern that is given must fit, as a whole; `*` stands for any text. At least one is given, and a service
    or a team.
    """

    label: str = Field("", description="`key` or `key=value`.")
    project: str = Field("", description="Of compose.")
    image: str = Field("", description="The repository without its tag.")
    host: str = ""
    container: str = ""
    service: str = Field("", description="A `*` is what the first `*` of the patterns stood for.")
    team: str = ""
    note: str = Field("", max_length=300, description="Why, for whoever wonders later.")
    replaces: int | None = Field(None, description="The mapping in force whose place it is to take.")


class PreviewState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MappingPreviewOut(Out):
    state: PreviewState
    sentence: str
    at: datetime | None
    refused: str = Field(description="Why this draft cannot be put in force as it stands; empty when it can.")
    found: dict[str, Any] = Field(description="As on the page: how many containers it fits and moves, and examples.")


class MappingOut(TermsIn):
    id: int
    position: int | None = Field(description="Its place in the order in which they are tried; null for a draft.")
    made_by: str
    made_at: datetime
    preview: MappingPreviewOut


class MappingFilters(Schema):
    in_force: bool | None = Field(None, description="True for those in force, false for drafts.")

    def narrow(self, rows: QuerySet[ServiceMapping]) -> QuerySet[ServiceMapping]:
        return rows if self.in_force is None else rows.filter(position__isnull=not self.in_force)


class RenamingOut(Out):
    """Stored containers are named anew by a worker, host by host; without any under way the numbers are null."""

    under_way: bool
    hosts_done: int | None
    hosts: int | None
    moved: int | None = Field(description="Containers that belong to another service now.")


class Placing(Schema):
    up: bool = Field(description="One place up in the order in which they are tried, or one down.")


_ADMIN = BearerToken("admin")


@router.get("/mappings", response=Page[MappingOut], summary="List mappings")
def list_mappings(request: HttpRequest, filters: Query[MappingFilters], paging: Query[Paging]) -> Page[MappingOut]:
    """Drafts too; `position` is the order."""
    now = timezone.now()
    rows = filters.narrow(ServiceMapping.objects.all())
    return page(request, rows, paging, filters=filters, shape=lambda row: _shape(row, now))


@router.get("/mappings/{pk}", response={200: MappingOut, 404: Refusal}, summary="One mapping")
def get_mapping(request: HttpRequest, pk: int) -> MappingOut:
    """With what a draft would change, as far as that is worked out."""
    return _shape(_found(pk), timezone.now())


@router.post("/mappings", response={201: MappingOut, 422: Refusal}, auth=_ADMIN, summary="Draft a mapping (admin)")
def draft_mapping(request: HttpRequest, body: TermsIn) -> Status[MappingOut]:
    """It names nothing yet. What it would catch is worked out by a worker; ask for the mapping until it is."""
    now = timezone.now()
    replaced = _found(body.replaces, field="replaces") if body.replaces is not None else None
    terms = Terms(**{name: getattr(body, name) for name in TERMS})
    try:
        made = draft(terms, by=signed_by(request), note=body.note, now=now, replaces=replaced)
    except CatalogueError as error:
        raise ApiError(422, "invalid", str(error), field=error.field) from None
    begin(made, now)
    return Status(201, _shape(_found(made.pk), now))


@router.post(
    "/mappings/{pk}/preview",
    response={202: MappingOut, 404: Refusal, 409: Refusal},
    auth=_ADMIN,
    summary="Work out again what a draft would catch (admin)",
)
def preview_mapping(request: HttpRequest, pk: int) -> Status[MappingOut]:
    now, found = timezone.now(), _found(pk)
    if found.position is not None:
        raise ApiError(409, "in-force", f"Mapping {pk} is in force; a draft that replaces it can be tried out.")
    begin(found, now)
    return Status(202, _shape(_found(pk), now))


@router.post(
    "/mappings/{pk}/adopt",
    response={200: MappingOut, 404: Refusal, 409: Refusal},
    auth=_ADMIN,
    summary="Put a draft in force (admin)",
)
def adopt_mapping(request: HttpRequest, pk: int) -> MappingOut:
    """Exactly what was worked out; stored containers are named by it within seconds."""
    now = timezone.now()
    try:
        adopt(_found(pk), now=now)
    except CatalogueError as error:
        raise ApiError(409, "not-previewed", str(error)) from None
    ask_for_renaming()
    return _shape(_found(pk), now)


@router.post(
    "/mappings/{pk}/move",
    response={200: MappingOut, 404: Refusal, 409: Refusal},
    auth=_ADMIN,
    summary="Move a mapping in the order (admin)",
)
def move_mapping(request: HttpRequest, pk: int, body: Placing) -> MappingOut:
    now, found = timezone.now(), _found(pk)
    if found.position is None:
        raise ApiError(409, "not-in-force", f"Mapping {pk} is a draft, and has no place yet.")
    move(found, up=body.up, now=now)
    ask_for_renaming()
    return _shape(_found(pk), now)


@router.delete("/mappings/{pk}", response={204: None, 404: Refusal}, auth=_ADMIN, summary="Take a mapping away (admin)")
def remove_mapping(request: HttpRequest, pk: int) -> Status[None]:
    """Containers are named by the others and by themselves again; a draft is forgotten."""
    take_away(_found(pk), now=timezone.now())
    ask_for_renaming()
    return Status(204, None)


@router.get("/renaming", response=RenamingOut, summary="Whether stored containers are being named anew")
def get_renaming(request: HttpRequest) -> RenamingOut:
    found = renaming_under_way()
    if found is None:
        return RenamingOut(under_way=False, hosts_done=None, hosts=None, moved=None)
    return RenamingOut(under_way=True, hosts_done=found.hosts, hosts=found.of, moved=found.moved)


class ChangedOut(Out):
    line: int
    name: str
    fields: dict[str, tuple[Any, Any]] = Field(description="Before and after, empty texts where nobody said.")


class RejectedOut(Out):
    line: int
    column: str = Field(description="Empty when the line as a whole is wrong.")
    reason: str


class ImportIn(Schema):
    csv: str = Field(description=f"The text of the file, with a header of {','.join(COLUMNS.all)} or fewer of them.")
    dry_run: bool = Field(default=True, description="Say what would be done and store nothing.")


class ImportOut(Out):
    """Every line of the file once."""

    dry_run: bool
    added: list[ChangedOut]
    changed: list[ChangedOut]
    unchanged: list[str]
    rejected: list[RejectedOut]


@router.post(
    "/import", response={200: ImportOut, 422: Refusal}, auth=_ADMIN, summary="Enter many services from a CSV (admin)"
)
def import_catalogue(request: HttpRequest, body: ImportIn) -> ImportOut:
    """Good lines are stored even when others are bad, an empty cell erases nothing, and `-` empties."""
    data = body.csv.encode("utf-8", errors="surrogatepass")
    try:
        report = import_services(
            read_rows(data, COLUMNS), by=signed_by(request), now=timezone.now(), dry_run=body.dry_run
        )
    except SheetError as error:
        raise ApiError(422, "invalid", str(error), field="csv") from None
    return ImportOut(
        dry_run=report.dry_run,
        added=[_changed(one) for one in report.added],
        changed=[_changed(one) for one in report.changed],
        unchanged=report.unchanged,
        rejected=[RejectedOut(line=one.line, column=one.column, reason=one.reason) for one in report.rejected],
    )


def _changed(one: Changed) -> ChangedOut:
    return ChangedOut(line=one.line, name=one.name, fields=dict(one.fields))


def _shape(mapping: ServiceMapping, now: datetime) -> MappingOut:
    shown = preview_of(mapping, now)
    terms: Mapping[str, str] = {name: getattr(mapping, name) for name in TERMS}
    return MappingOut(
        **terms,
        id=mapping.pk,
        position=mapping.position,
        note=mapping.note,
        replaces=mapping.replaces,
        made_by=mapping.made_by,
        made_at=mapping.made_at,
        preview=MappingPreviewOut(
            state=PreviewState(shown.state),
            sentence=shown.sentence,
            at=shown.at,
            refused=shown.refused,
            found=shown.told,
        ),
    )


def _found(pk: int, *, field: str = "pk") -> ServiceMapping:
    found = ServiceMapping.objects.filter(pk=pk).first() if 0 < pk < 1 << 63 else None
    if found is None:
        status = 404 if field == "pk" else 422
        raise ApiError(status, "not-found", f"There is no mapping {pk}.", field=field)
    return found
