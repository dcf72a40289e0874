"""The tables of the adoption page, drawn here: twenty teams alone are 1,400 nodes of a template, most of its time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from html import escape

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from dashboard.adoption_compared import Group, Row
from dashboard.adoption_shown import BenchmarkGroup, BenchmarkRow, FigureRow, TeamRow
from dashboard.adoption_words import Change
from dashboard.charts.sparkline import sparkline
from dashboard.templatetags.charts import draw_sparkline, stacked_bar
from dashboard.templatetags.marks import ARROW, chip, verdict
from dashboard.templatetags.pieces import maybe_link
from dashboard.words import thin

register = template.Library()


@register.simple_tag
def team_rows_of(rows: Iterable[TeamRow]) -> SafeString:
    """`<tr>` for each team."""
    return mark_safe("".join(map(_team, rows)))  # noqa: S308 - each cell is escaped


def _team(row: TeamRow) -> str:
    links, services = row.links, row.services
    use = chip(row.use_tone, row.use) if row.use else "–"
    share = "" if services.share is None else f" <small>{services.share}%</small>"
    hosts = "" if row.hosts.whole is None else f" <small>of {row.hosts.whole}</small>"
    containers = "" if row.containers.whole is None else f" <small>of {thin(row.containers.whole)}</small>"
    cells = (
        ("Services", _count(links["services"], services.whole)),
        ("In production", f"{_count(links['production'], services.part)}{share}"),
        ("Ready there", _count(links["ready"], row.ready.part)),
        ("Hosts at work", f"{_count(links['hosts'], row.hosts.part)}{hosts}"),
        ("Containers in production", f"{_count(links['containers'], row.containers.part)}{containers}"),
        ("To production", escape(row.lead)),
    )
    numbers = "".join(f'<td class="num" data-label="{label}">{cell}</td>' for label, cell in cells)
    head = f'<th scope="row"><a href="{escape(row.url)}">{escape(row.name or "No team")}</a></th>'
    bar = stacked_bar(row.segments, row.name)
    return f'<tr>{head}<td data-label="Uses containers">{use}</td><td class="wide">{bar}</td>{numbers}</tr>'


def _count(url: str, number: int | None) -> str:
    """A dash where it is not known."""
    return "–" if number is None else maybe_link(url, number)


@register.simple_tag
def figure_rows_of(rows: Iterable[FigureRow]) -> SafeString:
    """`<tr>` for each figure."""
    return mark_safe("".join(map(_figure, rows)))  # noqa: S308 - each cell is escaped


def _figure(row: FigureRow) -> str:
    value = _linked(row.url, f"<b>{escape(row.value)}</b>")
    why = "Under the thresholds that the method's authors tried"
    band = f' <small title="{why}">{escape(row.band)} by others</small>' if row.band else ""
    rests = _linked(row.url, escape(row.rests))
    change = change_mark(row.change) if row.change else "–"
    line = draw_sparkline(sparkline(row.trend, unit=row.unit, better=row.better), row.label)
    return (
        f'<tr id="{escape(row.key)}"><th scope="row">{escape(row.label)}</th>'
        f'<td class="num" data-label="Value">{value}{band}</td><td class="num" data-label="Rests on">{rests}</td>'
        f'<td data-label="Change">{change}</td><td>{line}</td>'
        f'<td class="wide sentence">{escape(row.sentence)}</td></tr>'
    )


def _linked(url: str, drawn: str) -> str:
    return f'<a href="{escape(url)}">{drawn}</a>' if url else drawn


@register.simple_tag
def change_mark(change: Change) -> SafeString:
    """A figure's change since the day that it is compared with."""
    tone = {True: " better", False: " worse", None: ""}[change.better]
    arrow = {True: "▲ ", False: "▼ ", None: ""}[change.rose]
    return mark_safe(f'<span class="delta{tone}">{arrow}{escape(change.text)}</span>')  # noqa: S308 - escaped


@register.simple_tag
def compared_rows(group: Group) -> SafeString:
    """`<li>` for each service of which something changed."""
    return mark_safe("".join(_compared(row, group.kind) for row in group.rows))  # noqa: S308 - each part is escaped


def _compared(row: Row, kind: str) -> str:
    name = escape(row.name)
    named = f'<a href="{escape(row.url)}">{name}</a>' if row.url else f'<span title="Forgotten since">{name}</span>'
    if kind == "verdict":
        turn = f"{verdict(row.before)}{ARROW}{verdict(row.after)}"
    elif row.before and row.after:
        turn = f"{escape(row.before)} {ARROW} {escape(row.after)}"
    else:
        turn = escape(row.after) if row.after else f"was {escape(row.before.lower())}"
    return f'<li>{named} <span class="turn">{turn}</span></li>'


@register.simple_tag
def benchmark_rows(group: BenchmarkGroup, day: date) -> SafeString:
    """`<tr>` for what each published, and for ours as of the day."""
    drawn = [_published(row, group.ours) for row in group.rows]
    return mark_safe("".join((*drawn, _ours(group, day))))  # noqa: S308 - each cell is escaped


def _published(row: BenchmarkRow, ours: int | None) -> str:
    one = row.benchmark
    mark = "" if ours is None else f'<line class="ours" x1="{ours}%" x2="{ours}%" y1="0" y2="100%"/>'
    asked = f" ({one.n})" if one.n else ""
    second = "" if one.sure else f" <small>at second hand: {escape(one.source)}</small>"
    what = f"of {escape(one.of)}{asked} {escape(one.measures)}{second}"
    who = f'<span title="{escape(one.source)}">{escape(one.who)}</span>'
    bar = f'<rect class="theirs" width="{one.percent:g}%" height="100%"/>{mark}'
    return _beside(one.date, who, escape(row.percent), bar, what)


def _ours(group: BenchmarkGroup, day: date) -> str:
    if group.ours is None:
        return ""
    bar = f'<rect class="mine" width="{group.ours}%" height="100%"/>'
    return _beside(day, "Ours", f"<b>{group.ours}%</b>", bar, escape(group.label), kind=' class="ours"')


def _beside(when: date, who: str, share: str, bar: str, what: str, *, kind: str = "") -> str:
    drawing = f'<svg class="beside" aria-hidden="true" focusable="false">{_BED}{bar}</svg>'
    return (
        f'<tr{kind}><td data-label="When">{_month(when)}</td><th scope="row">{who}</th>'
        f'<td class="num" data-label="Share">{share}</td><td class="wide">{drawing}</td>'
        f'<td class="missing">{what}</td></tr>'
    )


_BED = '<rect class="bed" width="100%" height="100%"/>'


@lru_cache(maxsize=512)
def _month(when: date) -> str:
    return date_format(when, "M Y")
