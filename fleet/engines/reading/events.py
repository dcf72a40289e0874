"""/events, read for one thing only: what somebody did to a running container by hand. No command is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fleet.engines.reading.fields import find, texts
from fleet.inventory import HandChange

#: How many events an engine remembers, of all kinds together and before any filter.
BUFFER: Final = 256
#: The newest that are kept of one container.
_MOST: Final = 20
_KINDS: Final = {"extract-to-dir": "copy", "commit": "commit", "update": "update"}
_EXEC: Final = "exec_create: "


@dataclass(frozen=True, slots=True)
class Happened:
    """By container id, oldest first. `whole` is false when the engine may have forgotten some of the window."""

    by_container: Mapping[str, tuple[HandChange, ...]]
    whole: bool


def read(entries: Iterable[object], details: Mapping[str, Mapping[str, object]]) -> Happened:
    """Execs other than the container's own health command, copies into it, commits and updates."""
    found: dict[str, list[HandChange]] = {}
    count = 0
    for entry in entries:
        count += 1
        action, identity = find(entry, "Action"), find(entry, "Actor", "ID")
        at = _moment(find(entry, "timeNano"))
        if not isinstance(action, str) or not isinstance(identity, str) or at is None:
            continue
        kind = _kind(action, details.get(identity))
        if kind:
            found.setdefault(identity, []).append(HandChange(kind, at))
    kept = {identity: tuple(sorted(rows, key=lambda one: one.at)[-_MOST:]) for identity, rows in found.items()}
    return Happened(kept, count < BUFFER)


def _kind(action: str, detail: Mapping[str, object] | None) -> str | None:
    if action.startswith(_EXEC):
        # A container that is not there any more cannot be told from its probe; its execs are no news either.
        return None if detail is None or action.removeprefix(_EXEC) in _health_commands(detail) else "exec"
    return _KINDS.get(action)


def _health_commands(detail: Mapping[str, object]) -> tuple[str, ...]:
    """What the event of a probe says after its colon: the shell's words before it, where a shell runs it."""
    test = texts(detail, "Config", "Healthcheck", "Test") or ()
    if not test:
        return ()
    words = " ".join(test[1:])
    shell = " ".join(texts(detail, "Config", "Shell") or ("/bin/sh", "-c"))
    return (words, f"{shell} {words}")


def _moment(nanoseconds: object) -> datetime | None:
    if not isinstance(nanoseconds, int) or isinstance(nanoseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
