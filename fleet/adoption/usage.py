"""Adopter, dabbler or abandoner: who uses containers in earnest, by the method that Datadog published in 2015."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

#: The month that a team is judged by. Not the calendar's, so that the first day of one says as much as the last.
WINDOW_DAYS: Final = 30


class Use(StrEnum):
    """How far a team has come with containers; the furthest first."""

    ADOPTER = "adopter"
    DABBLER = "dabbler"
    ABANDONER = "abandoner"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A team adopted when its average of running containers is at least `average` of its hosts, or its different
    containers are at least `different` times its hosts.
    """

    average: Fraction
    different: Fraction


#: As published, and the two that its authors tried their findings with: the band of what the threshold decides.
PUBLISHED: Final = Thresholds(average=Fraction(1, 2), different=Fraction(1))
EASIER: Final = Thresholds(average=Fraction(1, 4), different=Fraction(3, 4))
HARDER: Final = Thresholds(average=Fraction(3, 4), different=Fraction(3, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a team did within the window, containers of infrastructure left out.

    `hosts` are the different hosts that are its own or that ran a container of its services, `different` the different
    containers, `average` how many ran on average of the days that were counted. `before` says that it had a container
    before the window.
    """

    hosts: int
    different: int
    average: Fraction
    before: bool


def use_of(month: Month, thresholds: Thresholds = PUBLISHED) -> Use:
    """A team that only has containers and no host that anybody knows of has adopted them: any share of none is met."""
    if not month.different:
        return Use.ABANDONER if month.before else Use.NEVER
    enough = month.average >= thresholds.average * month.hosts
    return Use.ADOPTER if enough or month.different >= thresholds.different * month.hosts else Use.DABBLER
