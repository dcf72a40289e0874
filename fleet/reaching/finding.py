"""Places by what people type: `outside`, `service:shop/web`, `host:prod-01`, `container:4711`, or a part of a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q

from fleet.lookup import row_key
from fleet.models import Container, Host, Service
from fleet.reach import OUTSIDE, Place, PlaceKind, places

#: Suggestions of each kind.
_FEW: Final = 8
_BEGIN: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A place and how the URL names it; or what was typed and places that it may mean."""

    typed: str
    place: Place | None = None
    key: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=())  # (how the URL names it, what it is)


def find(typed: str) -> Found:
    """In three queries at most; in none what is named as the URL names it, and whether that is there is seen when it
    is asked about (`suggest` then says what may be meant).
    """
    text = typed.strip()
    if text.lower() in {"outside", "the outside"}:
        return Found(typed, OUTSIDE, "outside")
    kind, _, name = text.partition(":")
    if kind in _AS_NAMED and name:
        return Found(typed, _AS_NAMED[kind](name), text)
    if kind == "container" and name:
        return _container(name) or Found(typed)
    return _service(text) or _host(text) or suggest(typed)


def suggest(typed: str) -> Found:
    """No place, but those whose name holds the words."""
    text = typed.strip()
    kind, _, name = text.partition(":")
    words = name if kind in _AS_NAMED else text
    if not words:
        return Found(typed)
    services = Service.objects.in_catalogue().filter(name__icontains=words).values_list("name", flat=True)[:_FEW]
    hosts = Host.objects.filter(name__icontains=words).values_list("name", flat=True)[:_FEW]
    choices = [(f"service:{name}", f"service {name}") for name in services]
    choices += [(f"host:{name}", f"host {name}") for name in hosts]
    return Found(typed, choices=tuple(choices))


def some() -> tuple[list[str], list[str]]:
    """Names of a few services that run somewhere, and of a few hosts, to begin with; in two queries."""
    running = Service.objects.in_catalogue().filter(containers_total__gt=0)
    return list(running.values_list("name", flat=True)[:_BEGIN]), list(
        Host.objects.values_list("name", flat=True)[:_BEGIN]
    )


def is_there(place: Place) -> bool:
    """Whether the service or the host is known at all; other places were found already."""
    if place.kind is PlaceKind.SERVICE:
        return Service.objects.filter(name=place.name).exists()
    if place.kind in {PlaceKind.HOST, PlaceKind.WIRE}:
        return Host.objects.filter(name=place.name or place.host).exists()
    return True


def key_of(place: Place, *, pk: int | None = None) -> str:
    """How the URL names it; a container by its key."""
    if place.kind is PlaceKind.OUTSIDE:
        return "outside"
    return f"container:{pk}" if place.kind is PlaceKind.CONTAINER else f"{place.kind.value}:{place.name or place.host}"


def _service(name: str) -> Found | None:
    found = Service.objects.filter(Q(name=name) | Q(slug=name)).order_by("pk").values_list("name", flat=True)[:2]
    names = list(found)
    chosen = name if name in names else next(iter(names), None)
    return Found(name, places.service(chosen), f"service:{chosen}") if chosen else None


def _host(name: str) -> Found | None:
    there = Host.objects.filter(name=name).exists()
    return Found(name, places.host(name), f"host:{name}") if there else None


def _container(key: str) -> Found | None:
    row = Container.objects.present().filter(pk=row_key(key)).values_list("name", "host__name").first()
    return Found(key, places.container(row[0], on=row[1]), f"container:{key}") if row else None


_AS_NAMED: Final = {"service": places.service, "host": places.host, "wire": places.wire}
