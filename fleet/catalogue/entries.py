"""Entering, changing and removing one service; each leaves its line in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from fleet.assessment import mark_services
from fleet.audit import changes_of, note_changes
from fleet.catalogue.entry import FIELDS, CatalogueError, Entry, Valid, validate
from fleet.models import Container, Host, Service
from fleet.naming import ENTERED, free_slug

_TRIES: Final = 5
#: Columns of the row by the names that people use.
_COLUMN: Final = {"name": "name", "stage": "declared_stage", **{f: f for f in FIELDS if f != "stage"}}


def enter(entry: Entry, *, by: str, now: datetime) -> Service:
    """Makes the service, with or without containers to come. Raises CatalogueError, also when it is there already."""
    valid = validate(entry)
    old = find(valid.name)
    if old is not None and (old.declared or old.containers_total):
        raise CatalogueError(
            "name", f"{old.name} is in the catalogue already; change that entry, or choose another name."
        )
    return store(old, valid, by=by, now=now)


def change(service: Service, entry: Entry, *, by: str, now: datetime) -> Service:
    """Stores what differs. Raises CatalogueError; the name of a service in containers is theirs to change."""
    valid = validate(entry)
    if valid.name != service.name:
        if Container.objects.filter(service=service).exists():
            raise CatalogueError(
                "name", f"Containers name {service.name} so; map them to {valid.name}, or give them another label."
            )
        other = find(valid.name)
        if other is not None and other.pk != service.pk:
            raise CatalogueError("name", f"Another service is called {other.name}; choose another name.")
    return store(service, valid, by=by, now=now)


def find(name: str) -> Service | None:
    """By its name to the letter, as containers name it."""
    return Service.objects.filter(name=name).first()


def differences(service: Service | None, valid: Valid) -> dict[str, tuple[Any, Any]]:
    """Before and after of what differs, by field; of a service that is not there yet, all that is said."""
    told = {field: (getattr(service, _COLUMN[field], None) or None, getattr(valid, field) or None) for field in _COLUMN}
    return {field: pair for field, pair in told.items() if pair[0] != pair[1]}


def store(service: Service | None, valid: Valid, *, by: str, now: datetime) -> Service:
    """What `enter`, `change` and imports do in the end. With nothing that differs, a service that is entered already
    is not even written.
    """
    with transaction.atomic():
        if service is None:
            row = _made(valid, now)
        else:
            row = Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        differing = differences(row if service is not None else None, valid)
        if row.declared and not differing:
            return row
        for field in differing:
            setattr(row, _COLUMN[field], getattr(valid, field))
        if "team" in differing:
            row.team_source = ENTERED if valid.team else ""
        new = not row.declared
        if new:
            row.declared, row.entered_by, row.entered_at = True, by, now
        written = [_COLUMN[field] for field in differing]
        row.save(update_fields=[*written, "declared", "entered_by", "entered_at", "team_source"])
        note_changes(row, {**differing, **({"in the catalogue": (False, True)} if new else {})}, new=service is None)
        _judge_again(row, differing, now)
    return row


def _made(valid: Valid, now: datetime) -> Service:
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return Service.objects.create(name=valid.name, slug=free_slug(valid.name), first_seen=now)
        except IntegrityError:
            # A sweep, or somebody else, made it at this very moment, or another one with the same slug.
            found = find(valid.name)
            if found is not None:
                return found
            if not tries_left:
                raise
    raise AssertionError("unreachable")  # the last try returns or raises


def _judge_again(service: Service, differing: Mapping[str, object], now: datetime) -> None:
    """Rules read owner, tier and links; a tier may make rules about its containers graver, at their next sweep."""
    containers = Container.objects.present().filter(service=service)
    if service.containers_total and differing.keys() - {"source_url", "stage"}:
        mark_services([service.pk], now=now, causes={service.pk: ("its entry in the catalogue was changed",)})
    if service.containers_total and "tier" in differing:
        hosts = list(containers.order_by().values_list("host", flat=True).distinct())
        containers.update(judged_key="")
        Host.objects.filter(pk__in=hosts).update(judge_again_at=now)


def remove(service: Service) -> bool:
    """Takes it out of the catalogue; false when containers that went are still remembered, and the row with them until
    retention forgets them. Raises CatalogueError while it has containers.
    """
    with transaction.atomic():
        row = Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        present = Container.objects.present().filter(service=row).count()
        if present:
            raise CatalogueError(
                "name",
                f"{row.name} has {present} container{'' if present == 1 else 's'}, and is in the catalogue as long as "
                "it has any; remove these, or map them to another service, first.",
            )
        note_changes(row, {"in the catalogue": (True, False)}, gone=True)
        if not Container.objects.filter(service=row).exists():
            row.delete()
            return True
        cleared: dict[str, Any] = {_COLUMN[field]: "" for field in FIELDS if field not in {"team", "tier"}}
        cleared |= {"tier": None, "declared": False, "entered_by": "", "entered_at": None, "team_source": ""}
        Service.objects.filter(pk=row.pk).update(**cleared)
        return False


def trail_of(service: Service, most: int = 10) -> Sequence[Any]:
    """The newest lines of the audit trail about its entry."""
    return list(changes_of(service)[:most])


def entry_of(service: Service) -> Entry:
    """What is stored, as it could have been written."""
    told = {field: getattr(service, column) for field, column in _COLUMN.items()}
    return Entry(**{field: "" if value is None else str(value) for field, value in told.items()})
