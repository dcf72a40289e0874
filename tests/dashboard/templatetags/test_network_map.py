"""The legend of the map tells of what is drawn, and of nothing else."""

from __future__ import annotations

import re

from dashboard.charts.map_plan import plan_of
from dashboard.templatetags.network_map import map_drawings, map_key
from fleet.network_map import Chart
from tests.dashboard.charts.fleets import random_fleet
from tests.fleet.network_map.builders import chart, moored, published


def legend(found: Chart) -> tuple[set[str], set[str], str]:
    """Classes of the doors and lines that the legend shows, and the drawing."""
    plan = plan_of(found, address=lambda **_: "#")
    key = map_key(plan)
    shown = "".join(sign for part in key.values() for sign, _ in part)
    kinds = set(re.findall(r'class="network (\w+)"', shown))
    return set(re.findall(r'class="door (\w+)"', shown)), kinds, map_drawings(plan)


def test_a_sign_that_is_not_drawn_is_not_explained() -> None:
    doors, networks, _ = legend(chart(moored("edge", 2, doors=(published(443),))))
    assert (doors, networks) == ({"every"}, {"local"})


def test_every_sign_that_is_drawn_is_explained() -> None:
    doors, networks, drawn = legend(random_fleet(200))
    assert doors == set(re.findall(r'class="door (\w+)"', drawn))
    assert 'class="caps"' in drawn
    assert networks == {"closed", *re.findall(r'class="network (\w+)"', drawn)}


def test_a_map_without_anything_explains_nothing() -> None:
    doors, networks, drawn = legend(Chart())
    assert (doors, networks, re.findall("<svg", drawn)) == (set(), set(), [])
