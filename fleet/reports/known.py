"""What a report is made from, as plain data: of this moment, or of a day that is past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fleet.adoption.forecast import Forecast, NoForecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of one day or moment. The stages add up to `services`, the verdicts to the services in production."""

    day: date
    services: int
    by_stage: Mapping[str, int]
    verdicts: Mapping[str, int]
    hosts: int
    answering: int

    @property
    def production(self) -> int:
        return self.by_stage.get("production", 0)

    @property
    def ready(self) -> int:
        return self.verdicts.get("ready", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDay:
    """Services in production of all on that day; None where no figures were taken."""

    day: date
    part: int | None
    whole: int | None

    @property
    def percent(self) -> float | None:
        return None if self.part is None or not self.whole else 100 * self.part / self.whole


@dataclass(frozen=True, slots=True)
class Named:
    """A service by what its address has and by its name; the former is empty where it is forgotten."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Services that came into production since last time or left it, became ready there or ceased to be, by name."""

    came: tuple[Named, ...] = ()
    left: tuple[Named, ...] = ()
    became_ready: tuple[Named, ...] = ()
    fell: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One rule: how many services its mending alone makes ready, and how many it holds back, by stage."""

    rule: str
    title: str
    frees: Mapping[str, int]
    holds: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What holds back, as it was last counted (`at`). `staging`, `nearest`, `ready` and `teams` are as
    fleet.foresight.holding_back has them; `below` services of production are not ready, of which the best few changes
    together free `together`.
    """

    at: datetime
    blockers: tuple[Blocker, ...]
    below: int
    together: int
    steps: int
    staging: Mapping[str, int]
    nearest: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    ready: tuple[Named, ...]
    teams: tuple[tuple[str, Mapping[str, int], Mapping[str, int], tuple[Any, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`at` is the moment that the figures are of, None for a past day, of which `held` and the ages were not kept."""

    day: date
    at: datetime | None
    now: Tally
    then: Tally | None
    moves: Moves
    trend: tuple[TrendDay, ...]
    outlook: Forecast | NoForecast
    load_line: int | None
    held: Held | None
    carried: int = 0
    oldest_answer: datetime | None = None
    stale_tables: int = 0
    never_answered: int = 0
    simulated: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)  # of rules
