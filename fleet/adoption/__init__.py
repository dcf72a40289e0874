"""How far the organisation has come: figures that every page, the API and the history share."""

from __future__ import annotations

from fleet.adoption.definitions import DEFINITIONS, HEADLINES, Definition, Number
from fleet.adoption.figures import Figures, by_environment, figures, is_recorded, record_day, record_rules
from fleet.adoption.history import FiguresAt, Point, figures_at, series, series_of

__all__ = [
    "DEFINITIONS",
    "HEADLINES",
    "Definition",
    "Figures",
    "FiguresAt",
    "Number",
    "Point",
    "by_environment",
    "figures",
    "figures_at",
    "is_recorded",
    "record_day",
    "record_rules",
    "series",
    "series_of",
]
