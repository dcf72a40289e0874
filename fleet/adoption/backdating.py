"""Where a service really was on days that nobody saw: pure, over its spells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from fleet.readiness.vocabulary import Stage

_ORDER: Final = {stage.value: rank for rank, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Began:
    """The service has run in that stage since that day, as is known now."""

    stage: str
    day: date


@dataclass(frozen=True, slots=True)
class Spell:
    """One of the service's spells, by its row's key."""

    pk: int
    stage: str
    since: date
    until: date | None


@dataclass(slots=True)
class Backdated:
    """Spells that end earlier (key and new end), spells that were none, and stretches (first day, day after the last)
    in which the service was where it is now known to have been.
    """

    cut: list[tuple[int, date]] = field(default_factory=list)
    drop: list[int] = field(default_factory=list)
    begin: list[tuple[date, date]] = field(default_factory=list)


def backdated(spells: Sequence[Spell], began: Began, today: date) -> Backdated:
    """Of the days from `began` to yesterday. Today's spell is of what is seen now, and stays. Days on which the service
    was as far or further by what was seen elsewhere stay, too. `spells` are in order of time.
    """
    found = Backdated()
    free = began.day  # the first day that nothing is said of yet
    for one in spells:
        end = min(one.until or today, today)
        if end <= free or one.since >= today:
            continue
        if _ORDER[one.stage] >= _ORDER[began.stage]:
            _stretch(found, free, max(free, one.since))
            free = end
        elif one.since >= free:
            found.drop.append(one.pk)
        elif one.until is not None:
            found.cut.append((one.pk, free))
        else:
            return found  # it still is no further than that: what began has no say in its stage
    _stretch(found, free, today)
    return found


def _stretch(found: Backdated, first: date, until: date) -> None:
    if first < until:
        found.begin.append((first, until))
