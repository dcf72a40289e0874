"""Registries that may be asked: read by every token, without passwords; registered, changed and removed by admins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from dashboard.api.auth import BearerToken
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page
from dashboard.api.trust_roots import NoFilters
from fleet.models import ImageRegistry
from fleet.proving import ProvingError, RegistryTerms, add_registry, change_registry, remove_registry

router = Router(tags=["trust"])


class ImageRegistryOut(Out):
    host: str
    private: bool = Field(description="It may be at an address inside.")
    plain: bool = Field(description="Over http, without encryption.")
    ca: str = Field(description="PEM certificates to trust instead of the system's; empty for none.")
    username: str
    has_password: bool = Field(description="Whether one is stored; it is never shown.")
    realms: list[str] = Field(description="Other hosts that may see the password.")
    registered_at: datetime


class ImageRegistryIn(Schema):
    host: str = Field(description="registry.internal:5000; docker.io for Docker Hub.")
    private: bool = False
    plain: bool = False
    ca: str = ""
    username: str = ""
    password: str = Field("", description="Sealed at rest and never given out again.")
    realms: list[str] = []


class ImageRegistryChange(Schema):
    """What is left out stays. A password that would go elsewhere than before has to be given again; an empty name
    takes the credentials away.
    """

    private: bool | None = None
    plain: bool | None = None
    ca: str | None = None
    username: str | None = None
    password: str | None = None
    realms: list[str] | None = None


@router.get("", response=Page[ImageRegistryOut], summary="List registries that may be asked")
def list_trust_registries(request: HttpRequest, paging: Query[Paging]) -> Page[ImageRegistryOut]:
    return page(request, ImageRegistry.objects.all(), paging, filters=NoFilters(), shape=_registry_out)


@router.get("/{host}", response={200: ImageRegistryOut, 404: Refusal}, summary="One registry that may be asked")
def get_trust_registry(request: HttpRequest, host: str) -> ImageRegistryOut:
    return _registry_out(_found(host))


@router.post(
    "", response={201: ImageRegistryOut, 422: Refusal}, auth=BearerToken("admin"), summary="Register a registry (admin)"
)
def add_trust_registry(request: HttpRequest, body: ImageRegistryIn) -> Status[ImageRegistryOut]:
    """Nothing is sent to it yet."""
    told = body.dict(exclude={"host"})
    try:
        row = add_registry(body.host, RegistryTerms(**{**told, "realms": tuple(body.realms)}), now=timezone.now())
    except ProvingError as error:
        raise _refused(error) from None
    return Status(201, _registry_out(row))


@router.patch(
    "/{host}",
    response={200: ImageRegistryOut, 404: Refusal, 422: Refusal},
    auth=BearerToken("admin"),
    summary="Change a registry (admin)",
)
def change_trust_registry(request: HttpRequest, host: str, body: ImageRegistryChange) -> ImageRegistryOut:
    row = _found(host)
    told: dict[str, Any] = {name: getattr(row, name) for name in ("private", "plain", "ca", "username", "realms")}
    told |= {name: value for name, value in body.dict().items() if value is not None}
    # Without credentials there is no password to keep; else the stored one stays unless another one came.
    told["password"] = told.get("password") or (None if row.sealed_password and told["username"] else "")
    try:
        row = change_registry(host, RegistryTerms(**{**told, "realms": tuple(told["realms"])}), now=timezone.now())
    except ProvingError as error:
        raise _refused(error) from None
    return _registry_out(row)


@router.delete(
    "/{host}", response={204: None, 404: Refusal}, auth=BearerToken("admin"), summary="Forget a registry (admin)"
)
def remove_trust_registry(request: HttpRequest, host: str) -> Status[None]:
    """It is not asked any more, and its password is forgotten."""
    remove_registry(_found(host).host)
    return Status(204, None)


def _registry_out(row: ImageRegistry) -> ImageRegistryOut:
    return ImageRegistryOut(
        host=row.host,
        private=row.private,
        plain=row.plain,
        ca=row.ca,
        username=row.username,
        has_password=bool(row.sealed_password),
        realms=list(row.realms),
        registered_at=row.created_at,
    )


def _refused(error: ProvingError) -> ApiError:
    return ApiError(422, "invalid", str(error), field=error.field or None)


def _found(host: str) -> ImageRegistry:
    row = ImageRegistry.objects.filter(host=host).first() if host.isprintable() else None
    if row is None:
        raise ApiError(404, "not-found", f"No registry {host} is registered.", field="host")
    return row
