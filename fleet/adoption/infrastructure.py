"""Which containers are there to run others: they are no sign of adoption, and are left out by a published rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from importlib.resources import files

import msgspec
from django.conf import settings

from fleet.inventory import ImageReference
from fleet.models import Container
from fleet.tables.shapes import Table, Text


class Infrastructure(Table, frozen=True, kw_only=True):
    """Repository to what it is: agent, logs, proxy to the engine, orchestration, Loadline itself."""

    entries: dict[Text, Text]


@cache
def shipped() -> Infrastructure:
    raw = files("fleet.adoption").joinpath("data", "infrastructure.json").read_bytes()
    return msgspec.json.decode(raw, type=Infrastructure)


def purpose_of(reference: str, own: Collection[str] = ()) -> str | None:
    """What the image is for when it is one of infrastructure; None for any other. `own` are an organisation's images.

    A mirror is the same image: `registry.internal/mirror/prom/node-exporter` is `prom/node-exporter`. An official
    image is known by its one word, of any registry's `library`.
    """
    return _purpose_of(reference, tuple(own))


@lru_cache(maxsize=20_000)
def _purpose_of(reference: str, own: tuple[str, ...]) -> str | None:
    parsed = ImageReference.parse(reference)
    if parsed is None:
        return None
    parts = parsed.repository.split("/")
    known = shipped().entries
    if parts[0] == "library" or len(parts) == 1:
        name = parts[-1]
        return known.get(name) or ("named by this organisation" if name in own else None)
    tails = ["/".join(parts[start:]) for start in range(len(parts) - 1)]
    found = next((known[tail] for tail in tails if tail in known), None)
    return found or ("named by this organisation" if {*tails, parsed.full_repository} & set(own) else None)


def infrastructure_among(references: Iterable[str]) -> list[str]:
    """Those that are infrastructure, in order."""
    own = settings.LOADLINE_INFRASTRUCTURE_IMAGES
    return sorted(one for one in references if purpose_of(one, own) is not None)


def infrastructure_references() -> list[str]:
    """Of every container that is remembered. Reads each image's name once, and no page asks for it: it is counted."""
    return infrastructure_among(Container.objects.order_by().values_list("image_reference", flat=True).distinct())
