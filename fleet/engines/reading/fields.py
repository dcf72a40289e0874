"""Typed looks into an engine's JSON that answer None instead of trusting what a hostile or newer engine sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

LONGEST_TEXT: Final = 4096
_LARGEST_WHOLE: Final = 2**63 - 1  # what a database column holds
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL refuses NUL, UTF-8 a lone half of a surrogate pair
Row = TypeVar("Row")
_ZERO_TIME_YEAR: Final = 1  # Go's zero time, 0001-01-01T00:00:00Z, means "never"


class _Absence:
    """Why there is no value: the key is missing where it could stand, or there is no object to look into."""


_MISSING: Final = _Absence()
_NO_OBJECT: Final = _Absence()


def find(value: object, *keys: str) -> object:
    """What stands at that path, or None."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _find(value: object, keys: tuple[str, ...]) -> object:
    for key in keys:
        if not isinstance(value, dict):
            return _NO_OBJECT
        value = value.get(key, _MISSING)
    return value


def clean(text: str) -> str:
    """Text that every database stores, cut to a sane length."""
    if not text.isascii() or "\0" in text:
        text = _UNSTORABLE.sub("", text)
    return text[:LONGEST_TEXT]


def text(value: object, *keys: str) -> str | None:
    found = find(value, *keys)
    return clean(found) if isinstance(found, str) else None


def filled(value: object, *keys: str) -> str | None:
    """Like `text`, but an empty text is None as well: for what an engine leaves empty when it does not know."""
    return text(value, *keys) or None


def whole(value: object, *keys: str, absent: int | None = None, null: int | None = None) -> int | None:
    """A whole number; `absent` where the engine leaves the key out, `null` where it says null."""
    found = _find(value, keys)
    if found is _MISSING:
        return absent
    if found is None:
        return null
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > _LARGEST_WHOLE:
        return None
    return found


def flag(value: object, *keys: str, absent: bool | None = None, null: bool | None = None) -> bool | None:
    found = _find(value, keys)
    if found is _MISSING:
        return absent
    if found is None:
        return null
    return found if isinstance(found, bool) else None


def texts(value: object, *keys: str, absent: tuple[str, ...] | None = None) -> tuple[str, ...] | None:
    """A list of texts. null is Go's empty list; one item of another type makes the whole list unknown."""
    found = _find(value, keys)
    if found is _MISSING:
        return absent
    if found is None:
        return ()
    if not isinstance(found, list) or not _are(str, found):
        return None
    return tuple(map(clean, found))


def names(value: object, *keys: str, absent: tuple[str, ...] | None = None) -> tuple[str, ...] | None:
    """The sorted keys of an object; null is Go's empty map."""
    found = _find(value, keys)
    if found is _MISSING:
        return absent
    if found is None:
        return ()
    if not isinstance(found, dict):
        return None
    return tuple(sorted(map(clean, found)))


def pairs(value: object, *keys: str) -> dict[str, str] | None:
    """An object of texts; null is Go's empty map, and one value of another type makes the whole unknown."""
    found = _find(value, keys)
    if found is None:
        return {}
    if not isinstance(found, dict) or not _are(str, found.values()):
        return None
    return {clean(key): clean(item) for key, item in found.items()}


def rows(value: object, *keys: str, absent: list[dict[str, object]] | None = None) -> list[dict[str, object]] | None:
    """A list of objects. null is Go's empty list; one item of another type makes the whole list unknown."""
    found = _find(value, keys)
    if found is _MISSING:
        return absent
    if found is None:
        return []
    if not isinstance(found, list) or not _are(dict, found):
        return None
    return found


def _are(kind: type, items: Iterable[object]) -> bool:
    return set(map(type, items)) <= {kind}


def read_all(
    items: list[dict[str, object]] | None, read: Callable[[dict[str, object]], Row | None]
) -> tuple[Row, ...] | None:
    """Each item read; None when the list is, or when one item could not be read."""
    if items is None:
        return None
    found = [read(item) for item in items]
    kept = tuple(item for item in found if item is not None)
    return kept if len(kept) == len(found) else None


def moment(value: object, *keys: str) -> datetime | None:
    """An RFC 3339 time; Go's zero time is None."""
    found = find(value, *keys)
    if not isinstance(found, str) or len(found) > len("2026-11-24T02:20:06.641788241+00:00"):
        return None
    try:
        read = datetime.fromisoformat(found)
        if read.tzinfo is None or read.year <= _ZERO_TIME_YEAR:
            return None
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment_of_epoch(value: object, *keys: str) -> datetime | None:
    """A time given as seconds since 1970; zero and less is None."""
    found = whole(value, *keys)
    if found is None or found <= 0:
        return None
    try:
        return datetime.fromtimestamp(found, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def seconds(value: object, *keys: str) -> float | None:
    """Nanoseconds, as Go counts, in seconds; zero, which stands for the engine's default, is None."""
    found = whole(value, *keys)
    return found / 1e9 if found else None
