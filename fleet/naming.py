"""Service rows for the names that containers give: found, or made the first time a name is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db import IntegrityError
from django.utils.text import slugify

from fleet.inventory import ContainerFacts
from fleet.inventory.identity import Identity
from fleet.inventory.mapping import GUESSED, MAPPED, Terms
from fleet.inventory.mapping import name as name_by
from fleet.models import Host, Service, ServiceMapping
from fleet.models.reading import read_rows

_TRIES = 5
#: Who said whose a service is, when a person entered it.
ENTERED: Final = "entered"


class Namer:
    """Names the containers of one host by the mappings in force; these are read when the first container needs it.

    To be made in the transaction that holds the host's row: whoever changes a mapping goes through all hosts
    afterwards, and so meets what was named by the old ones.
    """

    def __init__(self, host: Host, terms: Sequence[Terms] | None = None) -> None:
        self._host = host
        if terms is not None:
            self.__dict__["terms"] = tuple(terms)

    @cached_property
    def terms(self) -> tuple[Terms, ...]:
        return ServiceMapping.objects.in_force().terms()

    def name(self, facts: ContainerFacts) -> Identity:
        return name_by(facts, host=self._host.name, terms=self.terms)

    def services(
        self, identities: Iterable[Identity], *, now: datetime, known: dict[str, Service] | None = None
    ) -> dict[str, Service]:
        teams = [one.team for one in self.terms if one.team]
        return services_for(identities, host=self._host, now=now, teams=teams, known=known)


def services_for(
    identities: Iterable[Identity],
    *,
    host: Host,
    now: datetime,
    teams: Sequence[str] = (),
    known: dict[str, Service] | None = None,
) -> dict[str, Service]:
    """Service rows by name. A team label fills an empty team, and so does the host's team; neither overwrites one.

    A team that a mapping gives overwrites any but the one that a person entered; of several that mappings give, the one
    stands that comes first in `teams`. Rows that are `known` by name, see `known_services`, are not read again; those
    that are made are known then.
    """
    wanted: dict[str, Identity] = {}
    for identity in identities:
        kept = wanted.get(identity.service)
        if kept is None or _tells_more(identity, kept):
            wanted[identity.service] = identity
    rows = known_services(wanted) if known is None else {name: known[name] for name in wanted if name in known}
    missing = [identity for name, identity in sorted(wanted.items()) if name not in rows]
    if len(missing) > 1:
        _make_many(missing, host=host, now=now)
        rows |= known_services(identity.service for identity in missing)
    # By name: two sweeps that make or fill the same services in different orders would lock each other out.
    for name, identity in sorted(wanted.items()):
        if name not in rows:
            rows[name] = _make(identity, host=host, now=now)
        elif told := _told(rows[name], identity, host, teams):
            for field, value in told.items():
                setattr(rows[name], field, value)
            rows[name].save(update_fields=list(told))
    if known is not None:
        known |= rows
    return rows


def _tells_more(identity: Identity, kept: Identity) -> bool:
    mapped = identity.team_source == MAPPED and kept.team_source != MAPPED
    return mapped or (kept.team is None and bool(identity.team))


def _told(row: Service, identity: Identity, host: Host, teams: Sequence[str]) -> dict[str, Any]:
    """What a container tells of its service that the row does not say yet, by field."""
    told: dict[str, Any] = {}
    team = (identity.team or host.team)[:100]
    if identity.team_source == MAPPED and row.team_source != ENTERED and team != row.team:
        if row.team_source != MAPPED or _place(team, teams) < _place(row.team, teams):
            told |= {"team": team, "team_source": MAPPED}
    elif team and not row.team:
        told |= {"team": team, "team_source": identity.team_source}
    if row.source in GUESSED and identity.source not in GUESSED:
        told["source"] = identity.source  # what was guessed is said now
    return told


def _place(team: str, teams: Sequence[str]) -> int:
    return teams.index(team) if team in teams else len(teams)


def known_services(names: Iterable[str]) -> dict[str, Service]:
    """Those that there are, by name."""
    wanted = set(names)
    return {row.name: row for row in read_rows(Service.objects.filter(name__in=wanted).order_by())} if wanted else {}


def _make_many(identities: Sequence[Identity], *, host: Host, now: datetime) -> None:
    """Makes those whose slug is theirs alone, in one statement; the others are left to be made one by one."""
    slugs: dict[str, list[Identity]] = {}
    for identity in identities:
        slugs.setdefault(_slug(identity.service), []).append(identity)
    taken = set(Service.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    rows = [
        Service(name=alone[0].service, slug=slug, **_first(alone[0], host=host, now=now))
        for slug, alone in slugs.items()
        if len(alone) == 1 and slug not in taken
    ]
    # Another host's sweep may make the same at the same moment.
    Service.objects.bulk_create(rows, ignore_conflicts=True)


def _first(identity: Identity, *, host: Host, now: datetime) -> dict[str, Any]:
    """What is known of a service when its name is first seen, besides the name."""
    return {
        "team": (identity.team or host.team)[:100],
        "team_source": identity.team_source,
        "source": identity.source,
        "first_seen": now,
        "simulated": host.simulated,
    }


def _make(identity: Identity, *, host: Host, now: datetime) -> Service:
    for tries_left in reversed(range(_TRIES)):
        try:
            # Another host's sweep may make the same name at the same moment; the unique name decides who did.
            service, _ = Service.objects.get_or_create(
                name=identity.service,
                defaults={"slug": free_slug(identity.service), **_first(identity, host=host, now=now)},
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
    base = _slug(name)
    taken = set(Service.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 2
    slug = base
    while slug in taken:
        slug = f"{base}-{number}"
        number += 1
    return slug


def _slug(name: str) -> str:
    return slugify(name.replace("/", "-").replace("_", "-").replace(".", "-"))[:200] or "service"
