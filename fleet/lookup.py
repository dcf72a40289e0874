"""Rows by the names people type; a name that nothing has is answered with the nearest ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from fleet.models import Container, Environment, Host, Service
from fleet.readiness import catalogue
from fleet.readiness.rule import AnyRule

# An id is told from its first characters, as `docker` does; fewer would match by accident.
SHORTEST_ID: Final = 6
_KEY_DIGITS: Final = 18  # that every 64-bit key can hold; more of them PostgreSQL would stumble over


class UnknownNameError(Exception):
    """One sentence: what was asked for, and what there is instead."""


def find_host(name: str) -> Host:
    host = Host.objects.select_related("environment").filter(name=name).first()
    if host is None:
        raise UnknownNameError(_nothing("host", name, Host.objects.values_list("name", flat=True)))
    return host


def find_service(name: str) -> Service:
    """By name or by slug; the name wins."""
    found = sorted(Service.objects.filter(Q(name=name) | Q(slug=name)), key=lambda row: row.name != name)
    if not found:
        raise UnknownNameError(_nothing("service", name, Service.objects.values_list("name", flat=True)))
    return found[0]


def find_environment(name: str) -> Environment:
    """By name or by slug, whatever the case. Names all of them when there is none: they are few."""
    found = Environment.objects.filter(Q(name__iexact=name) | Q(slug__iexact=name)).first()
    if found is None:
        known = ", ".join(Environment.objects.values_list("slug", flat=True))
        raise UnknownNameError(f"No environment is called {name}; there are {known}. An admin adds one in /admin/.")
    return found


def find_rule(slug: str) -> AnyRule:
    """By its slug, a former slug or its number in the catalogue."""
    for rule in catalogue.rules():
        if slug == rule.slug or slug in rule.formerly or slug.upper() == rule.catalogue:
            return rule
    raise UnknownNameError(_nothing("rule", slug, (rule.slug for rule in catalogue.rules())))


def row_key(text: str | None) -> int:
    """The key of a row as an address or a cursor has it; 0, which no row has, for anything that cannot be one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _KEY_DIGITS else 0


def called(container: str) -> Q:
    """Containers of that name, or whose id begins so."""
    matches = Q(name=container)
    return matches | Q(engine_id__startswith=container) if len(container) >= SHORTEST_ID else matches


def known_container(name: str) -> str:
    """The same name, when any container that is still there answers to it."""
    present = Container.objects.present()
    if not present.filter(called(name)).exists():
        raise UnknownNameError(_nothing("container", name, present.values_list("name", flat=True)))
    return name


def _nothing(kind: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    return f"No {kind} is called {name}{hint}"
