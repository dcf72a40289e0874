"""How the fleet's services lie on their networks and by which doors they are reached: what the map draws.

Two grains. The fine one says of each service on each host; the coarse one, of fleets that are too large for that, says
of each environment and team how many services lie alike. Both are the same dataclasses, and a map is drawn of either.
"""

from __future__ import annotations

from fleet.network_map.chart import Chart, Door, Exposure, Mooring, Named, Net, Span
from fleet.network_map.gathering import FINE, chart_around, fleet_chart
from fleet.network_map.narrowing import Filters, narrowed

__all__ = [
    "FINE",
    "Chart",
    "Door",
    "Exposure",
    "Filters",
    "Mooring",
    "Named",
    "Net",
    "Span",
    "chart_around",
    "fleet_chart",
    "narrowed",
]
