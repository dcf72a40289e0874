"""Rows of which a page has hundreds, drawn here: a template's nodes for each cell took half of the page's time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from typing import Any, Final

from django import template
from django.db.models import Model
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2 import Table
from django_tables2.columns import BoundColumn
from django_tables2.rows import BoundRow

from dashboard.findings import RuleGroup, SubjectRow
from dashboard.templatetags.marks import severity, status_mark, verdict
from dashboard.templatetags.pieces import remedy, short_name, time_ago
from dashboard.waivers import WaiverRow
from fleet.models import Container
from fleet.readiness.vocabulary import Status

register = template.Library()

#: What most of what draws a cell asks for.
_VALUE, _RECORD = ("value",), ("record",)
#: Of the last cells of a container: a telephone shows them instead of the table's head.
_LABELS: Final = (' data-label="State"', "", ' data-label="Started"')


class Row(BoundRow):  # type: ignore[misc]
    """Calls what draws a cell with what it asks for, like its parent, which inspects it anew for every cell."""

    def _call_render(self, bound_column: BoundColumn, value: Any = None) -> Any:
        content, link = self._called(bound_column.render, bound_column, value), bound_column.link
        if not link:
            return content
        if link.attrs:
            return link(content, **self._optional_cell_arguments(bound_column, value))
        if link.url:
            url = self._called(link.url, bound_column, value)
        else:
            url = link.compose_url(**self._optional_cell_arguments(bound_column, value))
        if url is None:
            return content
        return mark_safe(f'<a href="{escape(url)}">{shown(content)}</a>')  # noqa: S308 - both are escaped

    def _called(self, draw: Callable[..., Any], bound_column: BoundColumn, value: Any) -> Any:
        """Most ask for the value or the record, and nothing else has to be gathered."""
        wanted = _wanted(getattr(draw, "__func__", draw))
        if wanted == _VALUE:
            return draw(value=value)
        if wanted == _RECORD:
            return draw(record=self.record)
        given = self._optional_cell_arguments(bound_column, value)
        return draw(**{name: given[name] for name in wanted if name in given})

    def drawn(self, cell: Cell) -> Any:
        """What the parent's way comes to for a column of the model's own, which it looks up anew for every cell."""
        column, value = cell.column, self.record
        if not isinstance(value, Model):
            return self._get_and_render_with(column, self._call_render, column.default)
        for name in cell.path:
            value = getattr(value, name, None)
            if callable(value):
                value = value()
            if value is None:
                break
        return column.default if value in column.column.empty_values else self._call_render(column, value)


class Cell:
    """What every cell of a column has in common."""

    def __init__(self, column: BoundColumn, kind: type[Any]) -> None:
        """`kind` is that of the rows."""
        self.column, self.opened, self.path = column, _opened(column), tuple(column.accessor.bits)
        field = column.accessor.get_field(kind)
        if getattr(field, "choices", None):
            self.path = (*self.path[:-1], f"get_{self.path[-1]}_display")


@cache
def _wanted(draw: Callable[..., Any]) -> tuple[str, ...]:
    """Names of what it asks for. Of a method that is all that it takes: `self` is nothing that a cell has."""
    return tuple(name for name in inspect.signature(draw).parameters if name != "self")


@register.simple_tag
def table_rows(table: Table) -> SafeString:
    """`<tr>` for each row of the page. A column's attributes are those of all its cells."""
    cells: list[Cell] | None = None
    drawn: list[str] = []
    for place, bound in enumerate(table.paginated_rows):
        cells = cells or [Cell(column, type(bound.record)) for column in table.columns]
        row = Row(bound.record, table=table)
        drawn.append(f'<tr class="{"odd" if place % 2 else "even"}">')
        drawn += [f"{cell.opened}{shown(row.drawn(cell))}</td>" for cell in cells]
        drawn.append("</tr>")
    return mark_safe("".join(drawn))  # noqa: S308 - each cell is escaped


def shown(value: Any) -> str:
    """As a template shows it; most of what stands in cells is one of these three."""
    kind = type(value)
    if kind is SafeString:
        return str(value)
    if kind is str:
        return escape(value)
    return str(value) if kind is int else conditional_escape(localize(value))


def _opened(column: BoundColumn) -> SafeString:
    """`<td>` with the column's label, which stands beside its cells where a narrow screen has no room for columns."""
    attrs = column.attrs
    if "name" in (attrs["th"].get("class") or "").split():
        return mark_safe('<td class="name">')
    return format_html('<td data-label="{}" {}>', column.header, attrs["td"].as_html())


@register.simple_tag(takes_context=True)
def rule_groups(context: Context, groups: Iterable[RuleGroup], plain: Any = "") -> SafeString:
    """`<li>` for each rule with its subjects; `plain` on the rule's own page, which tells the rest."""
    now = _now(context)
    return mark_safe("".join([_group(one, now, plain=bool(plain)) for one in groups]))  # noqa: S308 - each part is escaped


def _group(one: RuleGroup, now: datetime, *, plain: bool) -> str:
    mark = status_mark(one.status, one.severity)
    if plain:
        head = f'{mark}<p class="muted">{severity(one.severity)}</p>'
        return f'<li class="finding"><div class="finding-head">{head}</div>\n{_subjects(one.subjects, now)}</li>'
    named = f'<a class="finding-title" href="{escape(one.url)}">{escape(one.title)}</a>'
    pillar = escape(one.pillar)
    head = f'{mark}<div>{named}<p class="muted">{escape(one.why)}</p></div><a class="tag" href="/{pillar}/">'
    told = _subjects(one.first, now)
    if one.rest:
        told += f'<details class="rest"><summary>{len(one.rest)} more</summary>{_subjects(one.rest, now)}</details>'
    mend = ""
    if one.status == Status.FAIL.value:
        lines = _lines_of(one.docker, one.compose, one.scope)
        mend = f'<details class="remedy"><summary>How to fix</summary>{lines}</details>'
    return f'<li class="finding"><div class="finding-head">{head}{pillar.capitalize()}</a></div>\n{told}\n{mend}</li>'


@lru_cache(maxsize=512)  # what mends a rule is always the same
def _lines_of(docker: str, compose: str, scope: str) -> str:
    return render_to_string("components/remedy.html", remedy(docker, compose, scope))


def _subjects(subjects: Iterable[SubjectRow], now: datetime) -> str:
    return f'<ul class="subjects">{"".join([_subject(one, now) for one in subjects])}</ul>'


def _subject(one: SubjectRow, now: datetime) -> str:
    asked = ""
    if one.waiver_url and one.waiver_until:
        asked = f'<a href="{escape(one.waiver_url)}">accepted until {date_format(one.waiver_until, "j M Y")}</a>'
    elif one.ask_url:
        asked = f'<a class="ask" href="{escape(one.ask_url)}">Ask for a waiver</a>'
    said = f"{_whose(one.kind, one.name, one.host, one.url)}{_proof(one.evidence, one.reason)}"
    return f'<li>{said}<span class="since">{shown(time_ago(one.since, now=now))}{asked}</span></li>'


@lru_cache(maxsize=1024)  # eighty rules speak of one container
def _whose(kind: str, name: str, host: str, url: str) -> str:
    called = f'<a href="{escape(url)}">{shown(short_name(name))}</a>' if url else escape(name)
    where = f"{kind} on {host}" if host and kind != "host" else kind
    return f'<span class="subject">{called}<small>{escape(where)}</small></span>'


@lru_cache(maxsize=4096)  # and most containers show a rule the same
def _proof(evidence: tuple[tuple[str, str], ...], reason: str) -> str:
    proof = "".join([f"<code>{escape(field)} = {escape(value)}</code>" for field, value in evidence])
    why = f'<span class="reason">{escape(reason)}</span>' if reason else ""
    return f'<span class="evidence">{proof}{why}</span>'


@register.simple_tag(takes_context=True)
def container_rows(context: Context, containers: Iterable[Container], show: str) -> SafeString:
    """`<tr>` for each container of one thing; `show` is what is not that thing: host or service."""
    now = _now(context)
    drawn = []
    for row in containers:
        health = f", {row.health}" if row.health not in {"", "none"} else ""
        cells = (
            format_html('<a href="{}">{}</a>', reverse("container", args=[row.pk]), short_name(row.name)),
            _host(row) if show == "host" else _service(row),
            conditional_escape(f"{row.state}{health}"),
            verdict(getattr(row, "verdict_now")),  # noqa: B009 - annotated, and a row without it is a mistake
            conditional_escape(time_ago(row.started_at, now=now)),
        )
        labelled = zip((' class="name"', f' data-label="{show.capitalize()}"', *_LABELS), cells, strict=True)
        drawn.append(f"<tr>{''.join(f'<td{label}>{cell}</td>' for label, cell in labelled)}</tr>")
    return mark_safe("".join(drawn))  # noqa: S308 - each cell is escaped


def _host(row: Container) -> SafeString:
    link = '<a href="{}">{}</a> <span class="muted">{}</span>'
    return format_html(link, reverse("host", args=[row.host.name]), row.host.name, row.host.environment.name)


def _service(row: Container) -> str:
    if row.service is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("service", args=[row.service.slug]), row.service.name)


@register.simple_tag
def waiver_rows(rows: Iterable[WaiverRow]) -> SafeString:
    """`<tr>` for each waiver of a heading."""
    return mark_safe("".join([_waiver(one) for one in rows]))  # noqa: S308 - each part is escaped


def _waiver(one: WaiverRow) -> str:
    waiver, day = one.waiver, one.waiver.last_day
    left_out = f"<small>{escape(one.uncovered)}</small>" if one.uncovered else ""
    approved = ", ".join([escape(approval.name) for approval in waiver.approvals.all()]) or "–"
    return (
        f'<tr><td><a href="{escape(one.url)}">{escape(one.title)}</a>{left_out}</td>'
        f'<td class="whose">{escape(one.about)}</td><td class="whole">{escape(waiver.environment)}</td>'
        f'<td>{severity(waiver.severity)}</td><td class="num">{one.covered}</td>'
        f'<td><time datetime="{day.isoformat()}">{date_format(day, "j M Y")}</time></td>'
        f"<td>{escape(waiver.requester)}</td><td>{approved}</td></tr>"
    )


def _now(context: Context) -> datetime:
    around = context.get("shell")
    return around.now if around is not None else timezone.now()
