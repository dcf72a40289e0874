"""Working off the marks that sweeps leave on services."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.models import ServiceMark
from fleet.models.reading import read_rows

#: Services that are added up in one transaction, so that none is held for long.
_AT_ONCE: Final = 100


def add_up_marked(now: datetime, *, only: Collection[int] | None = None, seconds: float | None = None) -> int:
    """Adds up every marked service, those that wait longest first, or `only` these; returns how many rows changed.

    After so many `seconds` it begins with no more of them. Marks that somebody else is working off are left to them.
    When it fails, the marks are still there.
    """
    began, changed = time.monotonic(), 0
    while seconds is None or time.monotonic() - began < seconds:
        with transaction.atomic():
            marks = _taken(only)
            if not marks:
                break
            from fleet.assessment.services import assess_services  # most sweeps mark nothing

            causes: dict[int, list[str]] = {}
            for mark in marks:
                causes.setdefault(mark.service_id, []).extend(mark.causes)
            # Once each, however many hosts said the same.
            told = {service: list(dict.fromkeys(said)) for service, said in causes.items()}
            changed += assess_services(told, now=now, causes=told)
            ServiceMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return changed


def _taken(only: Collection[int] | None) -> Sequence[ServiceMark]:
    """All marks of some services, locked."""
    free = ServiceMark.objects.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    if only is not None:
        free = free.filter(service__in=only)
    first = list(read_rows(free[:_AT_ONCE]))
    # Where they are fewer these are all marks that there are.
    if len(first) < _AT_ONCE:
        return first
    return list(read_rows(free.filter(service__in={mark.service_id for mark in first})))
