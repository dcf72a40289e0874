"""Telling from the bytes of a reply alone that an engine says what it said before."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from fleet.engines.reading import fields

_BYTES: Final = 12
#: What moves from one /info to the next while nothing happens: the time, and the engine's own threads and files.
_MOVING: Final = re.compile(rb'"(?:SystemTime"\s*:\s*"[^"]*"|(?:NFd|NGoroutines|NEventsListener)"\s*:\s*\d+)')
_SYSTEM_TIME: Final = re.compile(rb'"SystemTime"\s*:\s*"([^"\\]*)"')
#: Sizes are asked for once a day, and grow without anything else happening.
_SIZES: Final = re.compile(rb',"Size(?:Rw|RootFs)":\d+')
_ENTRY: Final = b'{"Id":"'
_STATUS: Final = b'"Status":"'
_BETWEEN: Final = b"},{"
_EDGES: Final = re.compile(rb"\},\{|\[\{|\}\]")


def of_info(body: bytes) -> str:
    """A digest of /info without what moves by itself."""
    return hashlib.blake2b(_MOVING.sub(b"", body), digest_size=_BYTES).hexdigest()


def of_containers(body: bytes) -> str:
    """A digest of the list of containers, without sizes and seconds in a status, and whatever the order of ports.

    Parsing a list and making a digest of each of its entries costs ten times as much. It holds more than those do, so
    it may differ where they agree, but never agrees where they differ: a label is the only text that could be taken
    for a status or a size, and labels never change.
    """
    entries = map(_steady, _SIZES.sub(b"", body).split(_ENTRY))
    return hashlib.blake2b(b"\1".join(entries), digest_size=_BYTES).hexdigest()


def _steady(entry: bytes) -> bytes:
    """Of a status only what stands in brackets: the health, the exit code, "Paused". The rest counts seconds."""
    before, mark, told = entry.partition(_STATUS)
    status, _, after = told.partition(b'"')
    entry = before + mark + status.partition(b"(")[2].partition(b")")[0] + after
    # Engines shuffle what is a list inside an entry; only with two or more of them is there something to sort.
    return b"\0".join(sorted(_EDGES.split(entry))) if _BETWEEN in entry else entry


def system_seconds(body: bytes) -> float | None:
    """The engine's own clock as /info tells it, in seconds since 1970."""
    found = _SYSTEM_TIME.search(body)
    told = fields.moment({"SystemTime": found[1].decode(errors="replace")}, "SystemTime") if found else None
    return told.timestamp() if told else None
