"""Images, networks and volumes: what stands on a host besides containers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router

from dashboard.api.filters import ThingFilters
from dashboard.api.judged import whole_second
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page
from fleet.models import Image, Network, Volume
from fleet.models.host import LONG

router = Router()
Thing = TypeVar("Thing", Image, Network, Volume)


class ThingOut(Out):
    name: str
    host: str
    first_seen: datetime
    changed_at: datetime
    answered_at: datetime | None = Field(description="When the host last answered: how old this is.")


class ImageOut(ThingOut):
    id: str
    tags: list[str] | None
    digests: list[str] | None
    created_at: datetime | None
    size: int | None
    architecture: str | None
    os: str | None


class NetworkOut(ThingOut):
    id: str
    driver: str | None
    scope: str | None
    internal: bool | None
    attachable: bool | None
    ingress: bool | None
    ipv6: bool | None
    subnets: list[str] | None


class VolumeOut(ThingOut):
    driver: str | None
    scope: str | None
    mountpoint: str | None
    created_at: datetime | None
    size: int | None = Field(description="Bytes, of once a day, a sixteenth too low at most; null when not told.")


@router.get("/images", response=Page[ImageOut], tags=["images"], summary="List images")
def list_images(request: HttpRequest, filters: Query[ThingFilters], paging: Query[Paging]) -> Page[ImageOut]:
    return page(request, _on_hosts(Image.objects.present(), filters), paging, filters=filters, shape=_image)


@router.get("/networks", response=Page[NetworkOut], tags=["networks"], summary="List networks")
def list_networks(request: HttpRequest, filters: Query[ThingFilters], paging: Query[Paging]) -> Page[NetworkOut]:
    return page(request, _on_hosts(Network.objects.present(), filters), paging, filters=filters, shape=_network)


@router.get("/volumes", response=Page[VolumeOut], tags=["volumes"], summary="List volumes")
def list_volumes(request: HttpRequest, filters: Query[ThingFilters], paging: Query[Paging]) -> Page[VolumeOut]:
    return page(request, _on_hosts(Volume.objects.present(), filters), paging, filters=filters, shape=_volume)


def _on_hosts(rows: QuerySet[Thing], filters: ThingFilters) -> QuerySet[Thing]:
    return rows.filter(filters.on_host()).select_related("host").defer(*(f"host__{name}" for name in LONG))


def _thing(row: Image | Network | Volume) -> dict[str, Any]:
    """What ThingOut says."""
    return {
        "name": row.name,
        "host": row.host.name,
        "first_seen": row.first_seen.replace(microsecond=0),
        "changed_at": row.changed_at.replace(microsecond=0),
        "answered_at": whole_second(row.host.answered_at),
    }


def _image(row: Image) -> ImageOut:
    facts = row.read_facts()
    return ImageOut(
        **_thing(row),
        id=row.engine_id,
        tags=_listed(facts.tags),
        digests=_listed(facts.digests),
        created_at=whole_second(facts.created_at),
        size=facts.size,
        architecture=facts.architecture,
        os=facts.os,
    )


def _network(row: Network) -> NetworkOut:
    facts = row.read_facts()
    return NetworkOut(
        **_thing(row),
        id=row.engine_id,
        driver=facts.driver,
        scope=facts.scope,
        internal=facts.internal,
        attachable=facts.attachable,
        ingress=facts.ingress,
        ipv6=facts.ipv6,
        subnets=None if facts.subnets is None else [subnet.cidr for subnet in facts.subnets],
    )


def _volume(row: Volume) -> VolumeOut:
    facts = row.read_facts()
    return VolumeOut(
        **_thing(row),
        driver=facts.driver,
        scope=facts.scope,
        mountpoint=facts.mountpoint,
        created_at=whole_second(facts.created_at),
        size=facts.size,
    )


def _listed(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)
