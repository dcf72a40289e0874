"""The charts as template tags: plain values in, server-drawn SVG out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from dashboard.charts import bar, cells, sparkline
from dashboard.charts.funnel import Step
from dashboard.charts.funnel import funnel as draw_funnel
from dashboard.charts.hull import hull as draw_hull
from dashboard.charts.trend import Trend

register = template.Library()


@register.inclusion_tag("components/hull.html")
def hull(ready: int, total: int, load_line: int) -> dict[str, Any]:
    return {"hull": draw_hull(ready=ready, total=total, load_line=load_line)}


@register.inclusion_tag("components/stacked_bar.html")
def stacked_bar(
    segments: Iterable[bar.Segment], label: str = "", legend: str = "", size: str = "thin"
) -> dict[str, Any]:
    """`legend` is empty, `line` (swatch, word and count in a row) or `figures` (large numbers under the bar).

    `size` is `thin` or `thick`. Without a legend the bar itself is named for screen readers.
    """
    return {"bar": bar.stacked_bar(segments), "label": label, "legend": legend, "size": size}


@register.inclusion_tag("components/sparkline.html", name="sparkline")
def sparkline_tag(
    values: Sequence[float | None], unit: str = "", span: str = "", label: str = "", better: int = 1
) -> dict[str, Any]:
    line = sparkline.sparkline(values, unit=unit, span=span, better=better)
    return {"line": line, "label": label, "width": sparkline.WIDTH, "height": sparkline.HEIGHT}


@register.inclusion_tag("components/host_cells.html")
def host_cells(groups: Iterable[cells.CellGroup]) -> dict[str, Any]:
    return {"groups": list(groups)}


@register.inclusion_tag("components/trend.html")
def trend_chart(trend: Trend, label: str) -> dict[str, Any]:
    return {"trend": trend, "label": label}


@register.inclusion_tag("components/funnel.html")
def funnel_chart(steps: Iterable[Step]) -> dict[str, Any]:
    return {"funnel": draw_funnel(list(steps))}
