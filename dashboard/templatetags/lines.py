"""Lines of rules, changes and facts, of which a page has dozens: drawn here, as rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from django import template
from django.template import Context
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from dashboard.templatetags.marks import ARROW, severity, status_mark, verdict
from dashboard.templatetags.pieces import ago
from dashboard.words import thin
from fleet.models.change import TRUST, VERDICT

if TYPE_CHECKING:
    from dashboard.changes import ChangeRow, Flip
    from dashboard.pages.rules import RuleRow
    from dashboard.pillar_facts import Cell, FactTable

register = template.Library()

_WAYS: Mapping[bool | None, str] = {True: "better", False: "worse", None: "back"}


@register.simple_tag
def rule_lines(rules: Iterable[RuleRow]) -> SafeString:
    """`<tr>` for each rule with how many subjects fail, are unknown and pass."""
    return mark_safe("".join(map(_rule, rules)))  # noqa: S308 - each cell is escaped


def _rule(row: RuleRow) -> str:
    url = escape(row.url)
    share = "–" if row.share is None else f"{row.share}%"
    counts = (
        ("Failing", row.failing_url, row.failing),
        ("Unknown", row.unknown_url, row.unknown),
        ("Passing", row.passing_url, row.passing),
    )
    numbers = "".join(
        f'<td class="num" data-label="{label}"><a href="{escape(behind)}">{thin(number)}</a></td>'
        for label, behind, number in counts
    )
    return (
        f'<tr><td class="name"><a href="{url}">{escape(row.title)}</a><small>{escape(row.slug)}</small></td>'
        f'<td>{severity(row.severity)}</td><td class="whole" data-label="Judges">{escape(row.scope)}</td>'
        f'{numbers}<td class="num" data-label="Share that passes">{share}</td></tr>'
    )


@register.simple_tag
def fact_lines(facts: FactTable) -> SafeString:
    """`<tr>` for each row of a pillar's facts; on a telephone a column's name stands before its cells."""
    rows = (
        "".join(
            _fact(cell, name, first=not place)
            for place, (name, cell) in enumerate(zip(facts.columns, row, strict=True))
        )
        for row in facts.rows
    )
    return mark_safe("".join(f"<tr>{cells}</tr>" for cells in rows))  # noqa: S308 - each cell is escaped


def _fact(cell: Cell, name: str, *, first: bool) -> str:
    kind = ' class="num"' if cell.number else ' class="name"' if first else ""
    label = "" if first else f' data-label="{escape(name)}"'
    text = escape(cell.text)
    told = f'<a href="{escape(cell.url)}">{text}</a>' if cell.url else text
    return f"<td{kind}{label}>{told}</td>"


@register.simple_tag(takes_context=True)
def change_lines(context: Context, changes: Iterable[ChangeRow], plain: Any = "") -> SafeString:
    """`<li>` for each change; a `plain` one stands on its subject's own page, without its name."""
    lines = "".join(_change(context, one, named=not plain) for one in changes)
    return mark_safe(lines)  # noqa: S308 - each part is escaped


def _change(context: Context, one: ChangeRow, *, named: bool) -> str:
    subject = f'<a class="subject" href="{escape(one.url)}">{escape(one.name)}</a> ' if named else ""
    title = f'<a href="{escape(one.rule_url)}">{escape(one.title)}</a>' if one.rule_url else "<b>Verdict</b>"
    if one.kind == VERDICT:
        before, after = verdict(one.before), verdict(one.after)
    elif one.kind == TRUST:
        before = status_mark(one.before_status, one.severity, one.before_word)
        after = status_mark(one.after_status, one.severity, one.after_word)
    else:
        before, after = status_mark(one.before, one.severity), status_mark(one.after, one.severity)
    cause = f'<p class="muted">{escape(one.cause)}</p>' if one.cause else ""
    when = conditional_escape(ago(context, one.at))
    return (
        f'<li class="change {_WAYS[one.better]}"><span class="when">{when}</span><div>'
        f"<p>{subject}{title} {before}{ARROW}{after}{_tag(one)}</p>{cause}{_turns(one)}</div></li>"
    )


def _tag(one: ChangeRow) -> str:
    if one.flapping:
        since = date_format(localtime(one.first_at), "j M H:i")
        return f' <span class="tag">flapping, {one.flips} times since {since}</span>'
    return ' <span class="tag">back where it was</span>' if one.better is None else ""


def _turns(one: ChangeRow) -> str:
    if one.flips <= 1:
        return ""
    flips = "".join(map(_flip, one.history))
    return f'<details><summary>All {one.flips} turns</summary><ol class="flips">{flips}</ol></details>'


def _flip(flip: Flip) -> str:
    at = localtime(flip.at)
    cause = f' <span class="muted">{escape(flip.cause)}</span>' if flip.cause else ""
    moment = f'<time datetime="{date_format(at, "c")}">{date_format(at, "j M H:i:s")}</time>'
    return f"<li>{moment} {escape(flip.before)} → {escape(flip.after)}{cause}</li>"
