"""A CSV read so that every complaint names the line that a person sees in an editor."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 5 * 1024 * 1024
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Columns:
    """Those that have to be there, and those that may; `line` says what one line is about, such as "a host", and
    `advised` what a header is said to be like, if not just those that have to be there.
    """

    wanted: tuple[str, ...]
    may_have: tuple[str, ...]
    line: str
    advised: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        return ",".join(self.advised or self.wanted)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.wanted, *self.may_have)


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where it begins in the file, counted from 1."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """`column` is empty when the line as a whole is wrong."""

    line: int
    column: str
    reason: str


class SheetError(Exception):
    """The file as a whole cannot be read; nothing of it was."""


def read_rows(data: bytes, columns: Columns) -> list[Row | Rejected]:
    """Rows in the order of the file; blank lines are left out. Raises SheetError."""
    lines = _parsed(_text(data, columns))
    header = next((found for found in lines if isinstance(found, Rejected) or any(found[1])), None)
    if header is None:
        raise SheetError(f"The file is empty; its first line should be {columns.header}.")
    if isinstance(header, Rejected):
        raise SheetError(f"Line {header.line}: {header.reason}")
    names = _names(*header, columns)
    return [
        found if isinstance(found, Rejected) else _row(*found, names)
        for found in lines
        if isinstance(found, Rejected) or any(field.strip() for field in found[1])
    ]


def _text(data: bytes, columns: Columns) -> str:
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise SheetError(f"The file is larger than {most} MiB; {columns.line} takes one short line.")
    if data.startswith(_UTF16):
        raise SheetError("The file is UTF-16; save it as CSV UTF-8.")
    # Bytes that are not UTF-8 are kept apart as surrogates, so that only the lines that hold them are turned away.
    return data.decode("utf-8-sig", errors="surrogateescape")


def _parsed(text: str) -> Iterator[tuple[int, list[str]] | Rejected]:
    """Each line's number with its fields, or why they could not be told apart."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(line, "", _quoting(str(error)))


def _quoting(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark opened here is never closed, so the rest of the file could not be read"
    if "expected after" in error:
        return 'text follows a closing quotation mark; write a quotation mark inside a field twice ("")'
    return f"cannot be read as CSV: {error}"


def _names(line: int, header: list[str], columns: Columns) -> list[str]:
    names = [name.strip().lower() for name in header]
    if len(names) == 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if separator in names[0]:
                raise SheetError(f"Line {line}: the columns are separated by {word}; save the file with commas.")
    unknown = [name for name in names if name not in columns.all]
    missing = [name for name in columns.wanted if name not in names]
    if unknown or missing:
        raise SheetError(
            f"Line {line}: {_wrong_header(unknown, missing, columns)}; the header should be {columns.header}."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SheetError(f"Line {line}: the column {twice[0]} stands there twice.")
    return names


def _wrong_header(unknown: list[str], missing: list[str], columns: Columns) -> str:
    parts = [f"no column {' and no column '.join(missing)}"] if missing else []
    for name in unknown:
        near = difflib.get_close_matches(name, columns.all, n=1)
        parts.append(f"unknown column {name or '(empty)'}" + (f", perhaps {near[0]}" if near else ""))
    return ", ".join(parts)


def _row(line: int, fields: list[str], columns: list[str]) -> Row | Rejected:
    if len(fields) != len(columns):
        return Rejected(line, "", f"has {len(fields)} fields where the header has {len(columns)}")
    values = {column: field.strip() for column, field in zip(columns, fields, strict=True)}
    for column, value in values.items():
        if any("\udc80" <= character <= "\udcff" for character in value):
            return Rejected(line, column, "is not UTF-8; save the file as CSV UTF-8")
        if "\n" in value or "\r" in value:
            return Rejected(line, column, "holds a line break; is a quotation mark missing?")
    return Row(line, values)
