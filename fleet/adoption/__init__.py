"""How far the organisation has come: figures that every page, the API and the history share."""

from __future__ import annotations

from fleet.adoption.definitions import DEFINITIONS, HEADLINES, Definition, Number
from fleet.adoption.figures import Figures, by_environment, figures
from fleet.adoption.history import FiguresAt, Point, figures_at, series, series_of
from fleet.adoption.measuring import Measured, measure, numbers_of, numbers_of_teams
from fleet.adoption.recording import record_day, record_rules

__all__ = [
    "DEFINITIONS",
    "HEADLINES",
    "Definition",
    "Figures",
    "FiguresAt",
    "Measured",
    "Number",
    "Point",
    "by_environment",
    "figures",
    "figures_at",
    "measure",
    "numbers_of",
    "numbers_of_teams",
    "record_day",
    "record_rules",
    "series",
    "series_of",
]
