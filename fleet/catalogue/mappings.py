"""Mappings as people decide on them: drafted, put in force once it is known what that changes, moved, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.catalogue.entry import CatalogueError
from fleet.catalogue.renaming import want_renaming
from fleet.inventory.mapping import MAPPED, Terms
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Service, ServiceMapping
from fleet.models.mapping import PATTERNS, TERMS

#: More than that nobody can keep in order, and each is held against each container that changed.
MOST: Final = 500
_LONGEST: Final = {
    "label": 500,
    "project": 200,
    "image": 300,
    "host": 200,
    "container": 200,
    "service": 200,
    "team": 100,
}
_STARS: Final = 8  # in one pattern; each makes matching dearer


def draft(
    terms: Terms, *, by: str, note: str = "", now: datetime, replaces: ServiceMapping | None = None
) -> ServiceMapping:
    """Keeps a proposal; no container is named by it until it is put in force. Raises CatalogueError."""
    valid = _valid(terms)
    return ServiceMapping.objects.create(
        **to_plain(valid),
        note=note.strip()[:300],
        made_by=by,
        made_at=now,
        replaces=replaces.pk if replaces and replaces.position is not None else None,
    )


def _valid(terms: Terms) -> Terms:
    told = {name: str(getattr(terms, name)).strip() for name in TERMS}
    for name, text in told.items():
        if len(text) > _LONGEST[name]:
            raise CatalogueError(name, f"It has {len(text)} characters; {_LONGEST[name]} are the most, so shorten it.")
        if not text.isprintable():
            raise CatalogueError(name, "It holds a character that does not print; remove it.")
        if name in PATTERNS and text.count("*") > _STARS:
            raise CatalogueError(name, f"It holds more than {_STARS} asterisks; one stands for any text, so use fewer.")
    given = [told[name] for name in PATTERNS if told[name]]
    if not given:
        raise CatalogueError(
            "label",
            "Say which containers are meant: fill in at least one of label, project, image, host and container.",
        )
    if not told["service"] and not told["team"]:
        raise CatalogueError("service", "Say what they belong to: fill in the service, the team, or both.")
    if told["service"].count("*") > 1:
        raise CatalogueError(
            "service", "It holds more than one asterisk, and only what one stood for is known; keep one."
        )
    if "*" in told["service"] and not any("*" in one for one in given):
        raise CatalogueError(
            "service",
            "Its asterisk stands for what one in a pattern matched, and none has any; put one there, or write it out.",
        )
    if "*" in told["team"]:
        raise CatalogueError(
            "team", "A team is written out; an asterisk stands for something in the name of a service only."
        )
    return Terms(**told)


def ordered_with(mapping: ServiceMapping) -> list[ServiceMapping]:
    """The mappings in force as they would be tried with this one: in the place of the one it replaces, else last."""
    rows = list(ServiceMapping.objects.in_force())
    if any(one.pk == mapping.pk for one in rows):
        return rows
    if any(one.pk == mapping.replaces for one in rows):
        return [mapping if one.pk == mapping.replaces else one for one in rows]
    return [*rows, mapping]


def digest(terms: Sequence[Terms]) -> str:
    """Equal exactly when the same containers are named the same."""
    return fingerprint([to_plain(one) for one in terms])


def not_previewed(mapping: ServiceMapping) -> str:
    """Why nobody knows what putting this draft in force would do; empty when somebody could know."""
    if mapping.preview_state != "done":
        return "What it would catch has to be worked out before it can be put in force."
    if mapping.preview.get("against") != digest(ServiceMapping.objects.in_force().terms()):
        return "Other mappings have come into force since this was worked out; it has to be worked out again."
    return ""


def adopt(mapping: ServiceMapping, *, now: datetime) -> None:
    """Puts in force exactly what was previewed; stored containers are named anew then. Raises CatalogueError."""
    with transaction.atomic():
        # Two admins in one moment would each have been shown what follows the other's mappings; the second waits here.
        list(ServiceMapping.objects.select_for_update().values_list("pk"))
        mapping.refresh_from_db()
        if mapping.position is not None:
            return
        if reason := not_previewed(mapping):
            raise CatalogueError("", reason)
        rows = ordered_with(mapping)
        if len(rows) > MOST:
            raise CatalogueError("", f"There are {MOST} mappings, and no more fit; let one with * do what several do.")
        if mapping.replaces is not None:
            for old in ServiceMapping.objects.in_force().filter(pk=mapping.replaces):
                _forget_team(old)
                old.delete()
        mapping.replaces = None
        _place(rows)
        want_renaming(now)


def move(mapping: ServiceMapping, *, up: bool, now: datetime) -> None:
    """One place up or down in the order in which they are tried; at the end of it nothing happens."""
    with transaction.atomic():
        rows = list(ServiceMapping.objects.select_for_update().in_force())
        here = next((place for place, one in enumerate(rows) if one.pk == mapping.pk), None)
        if here is None:
            return
        there = here - 1 if up else here + 1
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
            _place(rows)
            want_renaming(now)


def take_away(mapping: ServiceMapping, *, now: datetime) -> None:
    """Containers are named by the other mappings and by themselves again. A draft is just forgotten."""
    with transaction.atomic():
        if mapping.position is not None:
            _forget_team(mapping)
            want_renaming(now)
        mapping.delete()


def _forget_team(mapping: ServiceMapping) -> None:
    """Renaming gives it again to whom another mapping gives it."""
    if mapping.team:
        given = Service.objects.filter(team_source=MAPPED, team=mapping.team)
        given.update(team="", team_source="")


def _place(rows: Sequence[ServiceMapping]) -> None:
    for place, one in enumerate(rows, start=1):
        if one.position != place:
            one.position = place
            one.save(update_fields=["position", "replaces"])
