"""The rows of a list's table, drawn here: a template's nodes for each of its cells took half of a page's time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2 import Table
from django_tables2.columns import BoundColumn
from django_tables2.rows import BoundRow

register = template.Library()


class Row(BoundRow):  # type: ignore[misc]
    """Calls what draws a cell with what it asks for, like its parent, which inspects it anew for every cell."""

    def _call_render(self, bound_column: BoundColumn, value: Any = None) -> Any:
        given = self._optional_cell_arguments(bound_column, value)
        content, link = _called(bound_column.render, given), bound_column.link
        if not link or link.attrs:
            return link(content, **given) if link else content
        url = _called(link.url, given) if link.url else link.compose_url(**given)
        return content if url is None else format_html('<a href="{}">{}</a>', url, content)


def _called(draw: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    return draw(**{name: given[name] for name in _wanted(getattr(draw, "__func__", draw)) if name in given})


@cache
def _wanted(draw: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(draw).parameters)


@register.simple_tag
def table_rows(table: Table) -> SafeString:
    """`<tr>` for each row of the page. A column's attributes are those of all its cells."""
    columns = [(column, f"<td {column.attrs['td'].as_html()}>") for column in table.columns]
    drawn: list[str] = []
    for place, bound in enumerate(table.paginated_rows):
        row = Row(bound.record, table=table)
        drawn.append(f'<tr class="{"odd" if place % 2 else "even"}">')
        for column, opened in columns:
            cell = row._get_and_render_with(column, row._call_render, column.default)  # noqa: SLF001 - its own parts
            drawn.append(f"{opened}{conditional_escape(localize(cell))}</td>")
        drawn.append("</tr>")
    return mark_safe("".join(drawn))  # noqa: S308 - each cell is escaped
