"""A CSV of hosts, line by line."""

from __future__ import annotations

import pytest

from fleet.registration.sheet import MOST_BYTES, Rejected, Row, SheetError, read_rows

HEADER = b"name,url,environment,team\n"


def _lines(data: bytes) -> list[tuple[int, str]]:
    return [(row.line, row.values["name"]) for row in read_rows(data) if isinstance(row, Row)]


def _rejected(data: bytes) -> list[Rejected]:
    return [row for row in read_rows(data) if isinstance(row, Rejected)]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    data = HEADER + b"\n\na,u,,\n\n,,,\nb,u,,\n"
    assert _lines(data) == [(4, "a"), (7, "b")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_is_one_line(end: bytes) -> None:
    assert _lines((HEADER + b"a,u,,\nb,u,,\n").replace(b"\n", end)) == [(2, "a"), (3, "b")]


def test_a_quoted_line_break_counts_for_the_lines_after_it() -> None:
    data = HEADER + b'a,u,,"two\nlines"\nb,u,,\n'
    (broken,) = _rejected(data)
    assert (broken.line, broken.column) == (2, "team")
    assert "line break" in broken.reason
    assert _lines(data) == [(4, "b")]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert _lines(b"\xef\xbb\xbf" + HEADER + b"a,u,,\n") == [(2, "a")]


def test_columns_come_in_any_order_and_case() -> None:
    (row,) = read_rows(b"Team, URL ,NAME,environment,tls_dir\nweb,u,a,test,tls\n")
    assert row == Row(2, {"team": "web", "url": "u", "name": "a", "environment": "test", "tls_dir": "tls"})


def test_a_line_that_is_not_utf8_is_rejected_and_the_others_are_read() -> None:
    data = HEADER + b"a,u,,\n" + "b,u,,Mün\n".encode("latin-1") + "c,u,,Mün\n".encode()
    (broken,) = _rejected(data)
    assert (broken.line, broken.column) == (3, "team")
    assert "UTF-8" in broken.reason
    assert _lines(data) == [(2, "a"), (4, "c")]


@pytest.mark.parametrize(("fields", "count"), [(b"a,u", 2), (b"a,u,,,", 5)])
def test_a_line_with_too_few_or_too_many_fields_is_rejected(fields: bytes, count: int) -> None:
    (broken,) = _rejected(HEADER + fields + b"\n")
    assert (broken.line, broken.reason) == (2, f"has {count} fields where the header has 4")


def test_text_after_a_closing_quote_is_rejected_and_the_others_are_read() -> None:
    data = HEADER + b'a,u,,"x"y\nb,u,,\n'
    (broken,) = _rejected(data)
    assert broken.line == 2
    assert "closing quotation mark" in broken.reason
    assert _lines(data) == [(3, "b")]


def test_a_quote_that_is_never_closed_is_named_where_it_opened() -> None:
    (broken,) = _rejected(HEADER + b'a,u,,\nb,"u,,\nc,u,,\n')
    assert broken.line == 3
    assert "never closed" in broken.reason


def test_a_field_beyond_all_measure_is_rejected_and_the_others_are_read() -> None:
    data = HEADER + b"a," + b"x" * 200_000 + b",,\nb,u,,\n"
    assert [broken.line for broken in _rejected(data)] == [2]
    assert _lines(data) == [(3, "b")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty; its first line should be name,url,environment,team"),
        (b"\n\n", "is empty"),
        (b"name;url;environment;team\na;u;;\n", "Line 1: the columns are separated by semicolons"),
        (b"name\turl\tenvironment\tteam\n", "separated by tabs"),
        (b"name,url,enviroment,team\n", "no column environment, unknown column enviroment, perhaps environment"),
        (b"prod-01,tcp://x:1,production,web\n", "no column name and no column url"),
        (b"name,url,environment,team,name\n", "the column name stands there twice"),
        (b"name,url,environment,team,\n", r"unknown column \(empty\)"),
        (b'"name,url\n', "Line 1: a quotation mark"),
        ("name,url,environment,team\n".encode("utf-16"), "UTF-16"),
        (b"\x00" * (MOST_BYTES + 1), "larger than 5 MiB"),
        (b"PK\x03\x04\x00\x00", "no column name"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_why(data: bytes, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        read_rows(data)
