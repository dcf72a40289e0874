"""The charts as template tags: plain values in, server-drawn SVG out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts import bar, cells, sparkline
from dashboard.charts.funnel import Step
from dashboard.charts.funnel import funnel as draw_funnel
from dashboard.charts.hull import hull as draw_hull
from dashboard.charts.trend import Trend

register = template.Library()


@register.inclusion_tag("components/hull.html")
def hull(ready: int, total: int, load_line: int) -> dict[str, Any]:
    return {"hull": draw_hull(ready=ready, total=total, load_line=load_line)}


@register.simple_tag
def stacked_bar(segments: Iterable[bar.Segment], label: str = "", legend: str = "", size: str = "thin") -> SafeString:
    """Shares of one whole. `legend` is empty, `line` (swatch, word and count in a row) or `figures` (large numbers
    under the bar); `size` is `thin` or `thick`. Without a legend the bar itself is named for screen readers.
    """
    drawn = bar.stacked_bar(segments)
    named = f"{label}: {drawn.summary}" if label else drawn.summary
    seen = 'aria-hidden="true" focusable="false"' if legend else f'role="img" aria-label="{escape(named)}"'
    pieces = "".join(map(_piece, drawn.placed))
    told = _legend(drawn.segments, label, legend) if legend else ""
    chart = f'<div class="stack {escape(size)}"><svg class="bar" {seen}>{pieces}</svg>{told}</div>'
    return mark_safe(chart)  # noqa: S308 - each part is escaped


def _piece(piece: bar.Placed) -> str:
    """A page has dozens of bars, and so hundreds of these: templates for them took half as long as all the rest."""
    one = piece.segment
    shown = f'<rect class="{escape(one.tone)}" x="{piece.x}" width="{piece.width}" height="100%">'
    return f"{shown}<title>{one.count} {escape(one.label)}</title></rect>"


def _legend(segments: Iterable[bar.Segment], label: str, kind: str) -> SafeString:
    named = format_html(' aria-label="{}"', label) if label else ""
    items = mark_safe("".join(map(_told, segments)))  # noqa: S308 - each part is escaped
    return format_html('<ul class="legend {}"{}>{}</ul>', kind, named, items)


def _told(one: bar.Segment) -> str:
    opened, closed = (f'<a href="{escape(one.url)}">', "</a>") if one.url else ("<span>", "</span>")
    swatch = f'<i class="swatch {escape(one.tone)}"></i>'
    return f"<li>{opened}<b>{one.count}</b> {swatch}<span>{escape(one.label)}</span>{closed}</li>"


@register.simple_tag(name="sparkline")
def sparkline_tag(
    values: Sequence[float | None], unit: str = "", span: str = "", label: str = "", better: int = 1
) -> SafeString:
    return draw_sparkline(sparkline.sparkline(values, unit=unit, span=span, better=better), label)


def draw_sparkline(line: sparkline.Sparkline, label: str = "") -> SafeString:
    """A trend of the size of a word; with a label its name says what of."""
    width, height, told = sparkline.WIDTH, sparkline.HEIGHT, escape(line.summary)
    named = f"{escape(label)} {told}" if label else told
    lines = "".join(f'<polyline points="{points}"/>' for points in line.lines) or '<path class="none" d="M3 11h86"/>'
    end = f'<circle cx="{line.end[0]}" cy="{line.end[1]}" r="2"/>' if line.end else ""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    opened = f'<svg class="spark {line.trend}" {size} role="img" aria-label="{named}">'
    return mark_safe(f"{opened}<title>{told}</title>{lines}{end}</svg>")  # noqa: S308 - each part is escaped


@register.inclusion_tag("components/host_cells.html")
def host_cells(groups: Iterable[cells.CellGroup]) -> dict[str, Any]:
    return {"groups": list(groups)}


@register.simple_tag
def squares(shown: Iterable[cells.Cell]) -> SafeString:
    """Of a group, whose first cell Tab reaches; a fleet has a thousand."""
    drawn = []
    for place, cell in enumerate(shown):
        label, kind = escape(cell.label), f"cell {escape(cell.verdict)}{' quiet' if cell.quiet else ''}"
        behind = ' tabindex="-1"' if place else ""
        link = f'<a class="{kind}" href="{escape(cell.url)}" aria-label="{label}" title="{label}"{behind}></a>'
        drawn.append(f"<li>{link}</li>")
    return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped


@register.inclusion_tag("components/trend.html")
def trend_chart(trend: Trend, label: str) -> dict[str, Any]:
    return {"trend": trend, "label": label}


@register.inclusion_tag("components/funnel.html")
def funnel_chart(steps: Iterable[Step]) -> dict[str, Any]:
    return {"funnel": draw_funnel(list(steps))}
