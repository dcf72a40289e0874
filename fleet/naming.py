"""Service rows for the names that containers give: found, or made the first time a name is seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError
from django.utils.text import slugify

from fleet.inventory.identity import Identity
from fleet.models import Host, Service

_TRIES = 5


def services_for(identities: Iterable[Identity], *, host: Host, now: datetime) -> dict[str, Service]:
    """Service rows by name. A team label fills an empty team, and so does the host's team; neither overwrites one."""
    wanted: dict[str, Identity] = {}
    for identity in identities:
        kept = wanted.get(identity.service)
        if kept is None or (kept.team is None and identity.team):
            wanted[identity.service] = identity
    rows = {row.name: row for row in Service.objects.filter(name__in=wanted)}
    # By name: two sweeps that make or fill the same services in different orders would lock each other out.
    for name, identity in sorted(wanted.items()):
        if name not in rows:
            rows[name] = _make(identity, host=host, now=now)
        elif not rows[name].team and (identity.team or host.team):
            rows[name].team = (identity.team or host.team)[:100]
            rows[name].save(update_fields=["team"])
    return rows


def _make(identity: Identity, *, host: Host, now: datetime) -> Service:
    for tries_left in reversed(range(_TRIES)):
        try:
            # Another host's sweep may make the same name at the same moment; the unique name decides who did.
            service, _ = Service.objects.get_or_create(
                name=identity.service,
                defaults={
                    "slug": free_slug(identity.service),
                    "team": (identity.team or host.team)[:100],
                    "source": identity.source,
                    "first_seen": now,
                    "simulated": host.simulated,
                },
            )
        except IntegrityError:
            # Or another name with the same slug; now it shows that this one is taken.
            if not tries_left:
                raise
        else:
            return service
    raise AssertionError("unreachable")  # the last try returns or raises


def free_slug(name: str) -> str:
    """A slug that no other service has: `shop/web` becomes `shop-web`, or `shop-web-2` when that is taken."""
    base = slugify(name.replace("/", "-").replace("_", "-").replace(".", "-"))[:200] or "service"
    taken = set(Service.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 2
    slug = base
    while slug in taken:
        slug = f"{base}-{number}"
        number += 1
    return slug
