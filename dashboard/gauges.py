"""Gauges of one shape each, for what /metrics reads from the database when it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric

PREFIX: Final = "loadline_"


def counted(name: str, text: str, label: str, counts: Mapping[str, float]) -> Metric:
    """One sample to each value of a label; none where there is none."""
    family = GaugeMetricFamily(f"{PREFIX}{name}", text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", text, value=value)
