"""JSON that was signed, read so that nobody else can read anything else in it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical

from fleet.trust.errors import Malformed

_DEEPEST = 32


def load(body: bytes) -> Any:
    """The document. Raises Malformed for two members of one name, numbers with a fraction, NaN, bytes that are not
    UTF-8, and what is nested deeper than any such document.
    """
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_members, parse_float=_no_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it cannot be read as JSON: {type(error).__name__}") from error
    _check_depth(document)
    return document


def load_object(body: bytes) -> dict[str, Any]:
    """As `load`, and it is an object."""
    return an_object(load(body), "the document")


def canonical(document: Any) -> bytes:
    """What Notary signs: OLPC's canonical JSON, which is neither RFC 8785 nor sorted keys. Raises Malformed."""
    try:
        return (encode_canonical(document) or "").encode()
    except (FormatError, UnicodeEncodeError, RecursionError) as error:
        raise Malformed("it has no canonical form") from error


def an_object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no object")
    return value


def a_list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{what} is no list")
    return value


def a_text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{what} is no text")
    return value


def a_count(value: Any, what: str, *, least: int = 0) -> int:
    """A whole number; True is none, though Python takes it for 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Malformed(f"{what} is no whole number from {least} on")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("two members of one name")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no whole number")


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise Malformed(f"it is nested deeper than {_DEEPEST} levels")
