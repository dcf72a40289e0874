"""The plan of a map in fewer pieces, for paper and telephones, where all of it would be many screens long."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dashboard.charts.map_plan import Berth, Compartment, Plan, remainder, rest_of

#: How many berths of a compartment and how many chips of a berth are kept, step by step until the drawing is short
#: enough. What is folded away is counted, and leads to where it is drawn.
STEPS: Final = ((10, 5), (6, 4), (4, 3), (2, 2))


def folded(plan: Plan, *, berths: int, chips: int) -> Plan:
    return replace(plan, compartments=tuple(_folded(one, berths, chips) for one in plan.compartments))


def _folded(one: Compartment, berths: int, chips: int) -> Compartment:
    kept = tuple(_shortened(berth, chips, one.every) for berth in one.berths[:berths])
    return replace(one, berths=kept + rest_of(one.berths[berths:], one.every))


def _shortened(berth: Berth, chips: int, url: str) -> Berth:
    if len(berth.chips) <= chips:
        return berth
    return replace(berth, chips=(*berth.chips[: chips - 1], remainder(berth.chips[chips - 1 :], url)))
