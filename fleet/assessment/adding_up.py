"""Working off the marks that sweeps leave on services."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.assessment.services import assess_services
from fleet.models import ServiceMark

#: Marks that are worked off in one transaction, so that none holds its services for long.
_AT_ONCE: Final = 1000


def add_up_marked(now: datetime) -> int:
    """Adds up every marked service, and returns how many rows of services changed.

    Marks that somebody else is working off are left to them. When it fails, the marks are still there.
    """
    changed = 0
    while True:
        with transaction.atomic():
            marks = list(ServiceMark.objects.select_for_update(skip_locked=True).order_by("pk")[:_AT_ONCE])
            if not marks:
                return changed
            causes: dict[int, list[str]] = {}
            for mark in marks:
                causes.setdefault(mark.service_id, []).extend(mark.causes)
            # Once each, however many hosts said the same.
            told = {service: list(dict.fromkeys(said)) for service, said in causes.items()}
            changed += assess_services(told, now=now, causes=told)
            ServiceMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
        if len(marks) < _AT_ONCE:
            return changed
