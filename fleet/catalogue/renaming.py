"""Stored containers named anew after the mappings changed: host by host, outside requests, on from where it ended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from fleet.assessment import add_up_marked, assess_host, mark_services
from fleet.inventory import ContainerFacts
from fleet.inventory.identity import Identity
from fleet.inventory.mapping import MAPPED, Terms
from fleet.models import Container, Host, Renaming, Service
from fleet.models.writing import update_rows
from fleet.naming import Namer

#: Seconds of one run; the next goes on.
LONGEST: Final = 30.0
_CAUSE: Final = "a mapping named its containers anew"


class Standing(NamedTuple):
    """One stored container: what it is named by, and the service that it belongs to, with its name and team."""

    pk: int
    facts: ContainerFacts
    service_id: int | None
    service: str | None
    team: str | None

    def stays(self, identity: Identity, host: Host) -> bool:
        """Whether naming it so changes nothing: neither its service, nor a team that a mapping gives or nobody told."""
        told = self.team or not (identity.team or host.team)
        return self.service == identity.service and identity.team_source != MAPPED and bool(told)


def standing_on(host: int) -> list[Standing]:
    """What is there on a host, with as much of the facts as names it."""
    rows = Container.objects.present().filter(host=host).order_by("pk")
    own = ("pk", "engine_id", "name", "image_reference", "facts__labels")
    told = rows.values_list(*own, "service_id", "service__name", "service__team")
    return [
        Standing(pk, _facts(engine_id, name, image, labels), *service)
        for pk, engine_id, name, image, labels, *service in told.iterator(chunk_size=2000)
    ]


def _facts(engine_id: str, name: str, image: str, labels: dict[str, str] | None) -> ContainerFacts:
    return ContainerFacts(id=engine_id, name=name, inspected=True, image_reference=image or None, labels=labels)


def want_renaming(now: datetime) -> None:
    """To be called in the transaction that changed what mappings are in force."""
    wish = {"wanted_at": now, "done_at": None, "after": 0, "hosts": 0, "moved": 0}
    Renaming.objects.update_or_create(pk=1, defaults=wish)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How far it is: hosts done, of so many."""

    hosts: int
    of: int
    moved: int
    wanted_at: datetime


def renaming_under_way() -> UnderWay | None:
    """None when every stored container is named by the mappings in force."""
    row = Renaming.objects.filter(done_at=None).first()
    return UnderWay(row.hosts, Host.objects.count(), row.moved, row.wanted_at) if row else None


def rename_due(now: datetime, *, seconds: float = LONGEST) -> int:
    """Names stored containers by the mappings in force, if these changed; how many now belong to another service.

    1. Each host is done in a transaction that holds its row, as a sweep's does. So whatever a sweep named by the old
       mappings is either there already, or is named after the new ones came into force.
    2. After so many `seconds` it is left to the next run, which goes on behind the last host that was done.
    3. Whoever else is at it goes on from the same row: a step that somebody did meanwhile is not counted twice.
    4. Services are added up only after a host was named, and no longer than the rest of the time: sweeps leave marks
       all the time in a fleet that changes, and who worked off those here would sweep nothing meanwhile.
    """
    began, moved, looked = time.monotonic(), 0, False
    while time.monotonic() - began < seconds:
        row = Renaming.objects.filter(done_at=None).first()
        if row is None:
            break
        host = Host.objects.filter(pk__gt=row.after).order_by("pk").values_list("pk", flat=True).first()
        mine = Renaming.objects.filter(pk=row.pk, wanted_at=row.wanted_at, after=row.after)
        if host is None:
            mine.update(done_at=now)
            break
        with transaction.atomic():
            number = rename_host(host, now=now)
            mine.update(after=host, hosts=row.hosts + 1, moved=row.moved + number)
        moved, looked = moved + number, True
    if looked:
        add_up_marked(now, seconds=seconds - (time.monotonic() - began))
    return moved


def rename_host(host_id: int, *, now: datetime) -> int:
    """Names everything that is there on the host, and judges what moved; how many containers did."""
    host = Host.objects.to_store().filter(pk=host_id).first()
    if host is None:
        return 0
    namer, rows = Namer(host), standing_on(host_id)
    identities = [namer.name(row.facts) for row in rows]
    if all(row.stays(identity, host) for row, identity in zip(rows, identities, strict=True)):
        return 0
    names = {identity.service for identity in identities}
    teams = dict(Service.objects.filter(name__in=names).values_list("pk", "team"))
    services = namer.services(identities, now=now)
    retold = {one.pk for one in services.values() if one.pk in teams and teams[one.pk] != one.team}
    mark_services(retold, now=now, causes=dict.fromkeys(retold, ("a mapping gave it another team",)))
    moved = [
        (row.pk, services[identity.service].pk, row.service_id)
        for row, identity in zip(rows, identities, strict=True)
        if row.service_id != services[identity.service].pk
    ]
    if not moved:
        return 0
    update_rows(Container, ["service"], [(pk, new) for pk, new, _ in moved])
    touched = {one for _, new, old in moved for one in (new, old) if one is not None}
    assess_host(host_id, now=now)
    mark_services(touched, now=now, causes=dict.fromkeys(touched, (_CAUSE,)))
    return len(moved)


def names_of_fleet(terms: Iterable[Sequence[Terms]]) -> Iterator[tuple[Host, Standing, list[Identity]]]:
    """Every container that is there, and what each of these lists of mappings would name it."""
    lists = [tuple(one) for one in terms]
    for host in Host.objects.only("pk", "name", "team").order_by("pk").iterator(chunk_size=500):
        namers = [Namer(host, one) for one in lists]
        for row in standing_on(host.pk):
            yield host, row, [namer.name(row.facts) for namer in namers]
