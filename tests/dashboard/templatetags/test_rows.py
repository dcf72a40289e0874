from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from dashboard.lists import linked, num
from dashboard.templatetags.rows import table_rows


class Things(tables.Table):  # type: ignore[misc]
    name = tables.Column(linkify=lambda record: record["url"], attrs={"a": {"class": "strong"}})
    number = tables.Column(attrs=num(), linkify=linked("services"))
    note = tables.Column(linkify=lambda record, value: record["url"])
    mark = tables.Column(empty_values=(), accessor="missing")

    def render_mark(self, record: dict[str, Any], table: Things) -> SafeString:
        return format_html("<i>{}</i>", len(record["note"]) + len(table.rows))


THINGS = [{"name": "<a>", "number": 1234, "note": "x & y", "url": "/?a=1&b=2"}, {"name": "b", "note": "", "url": None}]


def test_cells_are_those_that_the_library_draws() -> None:
    drawn = [[conditional_escape(cell) for _, cell in row.items()] for row in Things(THINGS).rows]
    odd, even = table_rows(Things(THINGS)).split("</tr>")[:2]
    assert odd.startswith('<tr class="even">')
    assert even.startswith('<tr class="odd">')
    for row, cells in ((odd, drawn[0]), (even, drawn[1])):
        assert [cell.partition(">")[2] for cell in row.partition(">")[2].split("</td>")[:-1]] == cells


def test_what_a_cell_holds_is_escaped_and_numbers_stand_right() -> None:
    row = table_rows(Things(THINGS[:1]))
    assert "&lt;a&gt;" in row
    assert '<a href="/?a=1&amp;b=2">x &amp; y</a>' in row
    assert '<td data-label="Number" class="num"><a href="/services/">1234</a></td>' in row


def test_a_row_without_an_address_has_no_link() -> None:
    assert "<a" not in table_rows(Things([{"name": "b", "note": "n", "url": None}])).replace('<a href="/services/"', "")
