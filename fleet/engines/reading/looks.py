"""Telling from the bytes of a reply alone that an engine says what it said before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from fleet.engines.reading import fields

_BYTES: Final = 12
#: Digits of the mark of an entry.
LENGTH: Final = 16
#: What moves from one /info to the next while nothing happens: the time, and the engine's own threads and files.
_MOVING: Final = re.compile(rb'"(?:SystemTime"\s*:\s*"[^"]*"|(?:NFd|NGoroutines|NEventsListener)"\s*:\s*\d+)')
_COUNTED: Final = re.compile(rb'"(?:Containers(?:Running|Paused|Stopped)?|Images)"\s*:\s*\d+')
_SYSTEM_TIME: Final = re.compile(rb'"SystemTime"\s*:\s*"([^"\\]*)"')
#: Sizes are asked for once a day, and grow without anything else happening.
_SIZES: Final = re.compile(rb',"Size(?:Rw|RootFs)":\d+')
#: Not the one of "Health", which is the first thing in there; labels come before it.
_STATUS: Final = b',"Status":"'
#: How often a probe failed in a row is told by inspecting, too, and of an ill container it grows all the time.
_STREAK: Final = b',"FailingStreak":'
_DIGITS: Final = b"0123456789"
_BETWEEN: Final = b"},{"


def of_info(body: bytes) -> str:
    """A digest of /info without what moves by itself."""
    return hashlib.blake2b(_MOVING.sub(b"", body), digest_size=_BYTES).hexdigest()


def of_engine(body: bytes) -> str:
    """A digest of /info without what moves and what it counts: containers come and go, the engine stays the same."""
    return hashlib.blake2b(_COUNTED.sub(b"", _MOVING.sub(b"", body)), digest_size=_BYTES).hexdigest()


def of_containers(marks: Iterable[str]) -> str:
    """A digest of the list of containers, from the marks of its entries in their order."""
    return hashlib.sha256("".join(marks).encode()).hexdigest()[: 2 * _BYTES]


def mark(entry: bytes, *, sized: bool) -> str:
    """A digest of a list entry without sizes, the length of a streak, and seconds in a status, and whatever the order
    of ports. `sized` says whether it may have sizes.

    Parsing an entry and making a digest of its parts costs five times as much. It holds more than those do, so it may
    differ where they agree, but never agrees where they differ: a label is the only text that could be taken for a
    status or a size, and labels never change. Of the digests that Python brings this one has the processor's help.
    """
    if sized:
        entry = _SIZES.sub(b"", entry)
    before, found, told = entry.rpartition(_STATUS)
    if found:
        # Of a status only what stands in brackets: the health, the exit code, "Paused". The rest counts seconds.
        status, _, told = told.partition(b'"')
        before += status.partition(b"(")[2].partition(b")")[0]
    streak = told.find(_STREAK)
    if streak >= 0:
        told = told[:streak] + told[streak + len(_STREAK) :].lstrip(_DIGITS)
    entry = before + found + told
    if _BETWEEN in entry:
        # Engines shuffle what is a list inside an entry; only with two or more of them is there something to sort.
        pieces = entry.replace(b"[{", _BETWEEN).replace(b"}]", _BETWEEN).split(_BETWEEN)
        entry = b"\0".join(sorted(pieces))
    return hashlib.sha256(entry).hexdigest()[:LENGTH]


def system_seconds(body: bytes) -> float | None:
    """The engine's own clock as /info tells it, in seconds since 1970."""
    found = _SYSTEM_TIME.search(body)
    told = fields.moment({"SystemTime": found[1].decode(errors="replace")}, "SystemTime") if found else None
    return told.timestamp() if told else None
