"""Judging what was recorded: rules over stored facts, findings into rows and verdicts, flips into changes."""

from __future__ import annotations

from datetime import datetime

from fleet.assessment.adding_up import add_up_marked
from fleet.assessment.case import Case
from fleet.assessment.hosts import Assessed, assess_host, assess_row
from fleet.assessment.marks import mark_services
from fleet.assessment.resting import Outside, rests_on_the_same
from fleet.assessment.services import assess_services
from fleet.recording import Recorded

__all__ = [
    "Assessed",
    "Case",
    "Outside",
    "add_up_marked",
    "assess_host",
    "assess_recorded",
    "assess_services",
    "mark_services",
]


def assess_recorded(recorded: Recorded, *, now: datetime, outside: Outside | None = None) -> Assessed:
    """Judges what one sweep changed, and marks the services it touched, to be added up by `add_up_marked`.

    `outside` is what was read for many hosts together.
    """
    known = outside or Outside.load([recorded.host.engine_id], now)
    if not recorded.changed and rests_on_the_same(recorded.host, known, now):
        return Assessed(0, frozenset())
    assessed = assess_row(recorded.host, now=now, notes=recorded.host_notes, gone=recorded.gone, outside=known)
    services = recorded.services | assessed.services
    causes = {service: (*recorded.notes.get(service, ()), *assessed.causes.get(service, ())) for service in services}
    mark_services(services, now=now, causes=causes)
    return Assessed(assessed.judged, services, causes)
