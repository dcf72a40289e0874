"""Asking an engine for the parts of a snapshot: the shape that each has to have, and a gap for what does not answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeGuard, TypeVar

from fleet.engines.reading.redaction import redact_text
from fleet.inventory import Gap
from fleet.transport import NotAnEngine, NotAvailable, NotFound, TransportError

Entry = dict[str, object]
Shape = TypeVar("Shape", dict[str, object], list[object])

_CONTAINER_ID = re.compile(r"^[0-9a-f]{12,128}$")


def optional(gaps: list[Gap], endpoint: str, ask: Callable[[], Shape], *, may_be_absent: bool = False) -> Shape | None:
    try:
        return ask()
    except (NotFound, NotAvailable) as error:
        if not may_be_absent:
            gaps.append(Gap(endpoint, redact_text(str(error))))
    except TransportError as error:
        gaps.append(Gap(endpoint, redact_text(str(error))))
    return None


def as_object(reply: object, endpoint: str) -> Entry:
    if not isinstance(reply, dict):
        raise _not_an_engine(endpoint, "an object", reply)
    return reply


def as_list(reply: object, endpoint: str) -> list[object]:
    # Go's empty list may arrive as null.
    found: object = [] if reply is None else reply
    if not isinstance(found, list):
        raise _not_an_engine(endpoint, "a list", reply)
    return found


def _not_an_engine(endpoint: str, wanted: str, reply: object) -> NotAnEngine:
    return NotAnEngine(f"{endpoint} answered {_kind(reply)} where an engine answers {wanted}")


def _kind(reply: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(reply), "a number")


def as_entries(found: Iterable[object], endpoint: str, gaps: list[Gap]) -> list[Entry]:
    """The objects in a list; what is none is counted as a gap and left out."""
    items = list(found)
    entries = [item for item in items if isinstance(item, dict)]
    if len(entries) < len(items):
        gaps.append(Gap(endpoint, f"{len(items) - len(entries)} of {len(items)} entries are no objects"))
    return entries


def is_container_id(value: object) -> TypeGuard[str]:
    """An id goes into a path, so one that is no id never gets there."""
    return isinstance(value, str) and _CONTAINER_ID.match(value) is not None
