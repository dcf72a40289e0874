"""Judging what was recorded: rules over stored facts, findings into rows and verdicts, flips into changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.assessment.adding_up import add_up_marked
from fleet.assessment.resting import Outside, rests_on_the_same
from fleet.lazily import lazily

if TYPE_CHECKING:
    from fleet.assessment.case import Case
    from fleet.assessment.hosts import Assessed, assess_host
    from fleet.assessment.marks import mark_services
    from fleet.assessment.services import assess_services
    from fleet.assessment.telling import tell_what_turned
    from fleet.models.unwritten import Unwritten
    from fleet.recording import Recorded

# Of most sweeps nothing has to be judged.
__getattr__ = lazily(
    __name__,
    {
        "case": ["Case"],
        "hosts": ["Assessed", "assess_host"],
        "marks": ["mark_services"],
        "services": ["assess_services"],
        "telling": ["tell_what_turned"],
    },
)

__all__ = [
    "Assessed",
    "Case",
    "Outside",
    "add_up_marked",
    "assess_all_recorded",
    "assess_host",
    "assess_recorded",
    "assess_services",
    "mark_services",
    "tell_what_turned",
]


def assess_recorded(recorded: Recorded, *, now: datetime) -> Assessed:
    """As `assess_all_recorded`, of one."""
    (assessed,) = assess_all_recorded([recorded], now=now, outside=Outside.load([recorded.host.engine_id], now))
    return assessed


def assess_all_recorded(
    recorded: Sequence[Recorded], *, now: datetime, outside: Outside, unwritten: Unwritten | None = None
) -> list[Assessed]:
    """Judges what each sweep changed, and marks the services it touched, to be added up by `add_up_marked`.

    `outside` is what was read for all of them. What is to be written of the rows is left to `unwritten`, if there is
    one.
    """
    from fleet.assessment.hosts import NOTHING, Assessed, Looked, assess_rows
    from fleet.assessment.marks import mark_services

    moved = [one for one in recorded if one.changed or not rests_on_the_same(one.host, outside, now)]
    looked = [Looked(one.host, one.host_notes, one.gone, one.went, one.there, one.moved) for one in moved]
    told = assess_rows(looked, now=now, outside=outside, unwritten=unwritten)
    by_host = {one.host.pk: assessed for one, assessed in zip(moved, told, strict=True)}
    found: list[Assessed] = []
    causes: dict[int, list[str]] = {}
    for one in recorded:
        assessed = by_host.get(one.host.pk, NOTHING)
        services = one.services | assessed.services
        why = {service: (*one.notes.get(service, ()), *assessed.causes.get(service, ())) for service in services}
        for service, said in why.items():
            causes.setdefault(service, []).extend(said)
        found.append(Assessed(assessed.judged, services, why))
    mark_services(causes, now=now, causes=causes)
    return found
