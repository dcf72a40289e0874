"""Distances and efforts in a template: steps that fill up, and a word."""

from __future__ import annotations

from functools import cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.templatetags.marks import shape
from dashboard.words import DISTANCES, EFFORTS
from fleet.neutrality import CHANGES, Distance, Effort

register = template.Library()


@register.simple_tag
@cache
def distance(value: str) -> SafeString:
    """A chip: as many of three steps filled as its heaviest change takes."""
    found = Distance(value)
    if found is Distance.UNKNOWN:
        return _chip(value, shape("unknown"), DISTANCES[found])
    return _chip(value, _steps(_level(found.value)), DISTANCES[found])


@register.simple_tag
@cache
def effort(value: str) -> SafeString:
    """The same for one change."""
    return _chip(value, _steps(_level(value)), EFFORTS[Effort(value)])


def _level(value: str) -> int:
    return next((number for number, one in enumerate(CHANGES, 1) if one.value == value), 0)


def _steps(level: int) -> SafeString:
    steps = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="2.6" height="{}"/>',
        (("on" if step < level else "off", 4 * step, 6 - 3 * step, 4 + 3 * step) for step in range(3)),
    )
    return format_html('<svg viewBox="0 0 11 10" aria-hidden="true" focusable="false">{}</svg>', steps)


def _chip(value: str, mark: SafeString, word: str) -> SafeString:
    return format_html('<span class="effort effort-{}">{}{}</span>', value, mark, word)
