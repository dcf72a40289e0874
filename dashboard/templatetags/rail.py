"""The navigation, which stands twice on every page: drawn here, and once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard import words

if TYPE_CHECKING:
    from dashboard.pages.shell import NavItem, NavSection

register = template.Library()


@register.simple_tag
def links(sections: tuple[NavSection, ...]) -> SafeString:
    """A list of links for each section, with their counts."""
    return _links(sections)


@lru_cache(maxsize=64)  # a section is active or not, and counts change with a sweep
def _links(sections: tuple[NavSection, ...]) -> SafeString:
    return mark_safe("".join(map(_section, sections)))  # noqa: S308 - its parts are escaped


def _section(section: NavSection) -> str:
    title = format_html('<p class="section">{}</p>', section.title) if section.title else ""
    return f"{title}<ul>{format_html_join('', '<li>{}</li>', ((_link(one),) for one in section.items))}</ul>"


def _link(item: NavItem) -> SafeString:
    return format_html(
        '<a href="{}"{}{}><span>{}</span>{}</a>',
        item.url,
        mark_safe(' aria-current="page"') if item.active else "",
        format_html(' data-go="{}"', item.go) if item.go else "",
        item.label,
        "" if item.count is None else format_html('<span class="n">{}</span>', words.thin(item.count)),
    )
