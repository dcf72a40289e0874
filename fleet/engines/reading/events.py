"""/events, read for one thing only: what somebody did to a running container by hand. No command is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fleet.engines.reading.fields import find
from fleet.engines.reading.plan import LENGTH, is_probe
from fleet.inventory import HandChange

#: How many events an engine remembers, of all kinds together and before any filter.
BUFFER: Final = 256
#: The newest that are kept of one container.
_MOST: Final = 20
_KINDS: Final = {"extract-to-dir": "copy", "commit": "commit", "update": "update"}
_EXEC: Final = "exec_create: "
_STEPS: Final = ("exec_start", "exec_die")
_SHELL: Final = ("/bin/sh", "-c")
#: Seconds before the window's end that show how much may have happened behind it.
_LATELY: Final = 10
_WINDOWS_SHELL: Final = ("cmd", "/S", "/C")


#: What changes nothing that an inspection would show: looking in, and the steps of an exec.
_IDLE: Final = ("exec_", "top", "attach", "detach", "resize", "export", "archive-path")
#: What is asked for when something happened to one of these, by the type that its event has.
_THINGS: Final = {"image": "images", "network": "networks", "volume": "volumes", "plugin": "plugins"}
#: Comings and goings of containers, of which the list tells anyway.
_COMINGS: Final = frozenset({"connect", "disconnect", "mount", "unmount"})


@dataclass(frozen=True, slots=True)
class Happened:
    """By container id, oldest first.

    `whole` is false when the engine may have forgotten some of the window, or when an exec could not be told from a
    health probe because its container was not inspected.
    """

    by_container: Mapping[str, tuple[HandChange, ...]]
    whole: bool


def read(
    entries: Iterable[object],
    details: Mapping[str, Mapping[str, object]],
    *,
    until: float,
    uninspected: Collection[str] = (),
) -> Happened:
    """Execs other than the container's own health command, copies into it, commits and updates.

    The window ended at `until` and the engine was asked a little later. What happened in between is not in the reply,
    and has pushed as many of the oldest out of the engine's memory: taken to be no more than in the ten seconds before.
    """
    found: dict[str, list[HandChange]] = {}
    count, unsure, lately = 0, False, until - _LATELY
    for entry in entries:
        count += 1
        if not isinstance(entry, dict):
            continue
        nanoseconds, action = entry.get("timeNano"), entry.get("Action")
        if type(nanoseconds) is int and nanoseconds // 1_000_000_000 >= lately:
            count += 1
        # A swarm's services, a network and an image have actions of these names, too; and nearly all is probes' steps.
        if entry.get("Type") != "container" or not isinstance(action, str) or action.startswith(_STEPS):
            continue
        at, identity = _moment(nanoseconds), find(entry, "Actor", "ID")
        if at is None or not isinstance(identity, str):
            continue
        unsure = unsure or (identity in uninspected and action.startswith(_EXEC))
        kind = _kind(action, details.get(identity))
        if kind:
            found.setdefault(identity, []).append(HandChange(kind, at))
    kept = {identity: tuple(sorted(rows, key=lambda one: one.at)[-_MOST:]) for identity, rows in found.items()}
    return Happened(kept, count < BUFFER and not unsure)


def hints(entries: Iterable[object], known: Mapping[str, str], *, secret: bytes) -> set[str]:
    """Containers that something happened to that the list may not show: an update, a restart, an exec by hand.

    `known` is the plan's; an exec of the health command that it remembers is no news.
    """
    found: set[str] = set()
    probes: set[tuple[str, str]] = set()  # an engine tells of the same ones again and again
    for entry in entries:
        action = entry.get("Action") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(action, str) or action.startswith(_STEPS):
            continue
        identity = find(entry, "Actor", "ID")
        if entry.get("Type") != "container" or not isinstance(identity, str):
            continue
        if action.startswith(_EXEC):
            probe = (action, known.get(identity, "")[LENGTH:])
            if probe in probes:
                continue
            if is_probe(action.removeprefix(_EXEC).rstrip(), known.get(identity, ""), secret=secret):
                probes.add(probe)
                continue
        elif action.startswith(_IDLE):
            continue
        found.add(identity)
    return found


def about_things(entries: Iterable[object]) -> frozenset[str]:
    """The kinds of which one came, went or changed: "images", "networks", "volumes", "plugins"."""
    named = (entry for entry in entries if isinstance(entry, dict) and entry.get("Type") != "container")
    told = (entry.get("Type") for entry in named if entry.get("Action") not in _COMINGS)
    return frozenset(_THINGS[kind] for kind in told if isinstance(kind, str) and kind in _THINGS)


def cut(entries: Collection[object] | None) -> bool:
    """Whether the engine may have forgotten some of the window, or told of none."""
    return entries is None or len(entries) >= BUFFER


def images(entries: Iterable[object]) -> set[str]:
    """Names, digests and ids of images that something happened to: pulled, tagged, loaded."""
    images = (entry for entry in entries if isinstance(entry, dict) and entry.get("Type") == "image")
    told = (find(entry, "Actor", "ID") for entry in images)
    return {one for one in told if isinstance(one, str)}


def _kind(action: str, detail: Mapping[str, object] | None) -> str | None:
    if action.startswith(_EXEC):
        # Without its details an exec cannot be told from a probe; of a container that is gone neither is news.
        # An engine writes a blank behind the program, also where no argument follows.
        return None if detail is None or action.removeprefix(_EXEC).rstrip() == health_command(detail) else "exec"
    return _KINDS.get(action)


def health_command(detail: Mapping[str, object]) -> str | None:
    """What the event of a probe says after its colon, without blanks at its end; None without a probe."""
    kind, *words = _words(detail, "Healthcheck", "Test") or [""]
    if kind == "CMD-SHELL":
        usual = _WINDOWS_SHELL if find(detail, "Platform") == "windows" else _SHELL
        words = [*(_words(detail, "Shell") or usual), *words]
    elif kind != "CMD":
        return None
    return " ".join(words).rstrip() if words else None


def _words(detail: Mapping[str, object], *keys: str) -> list[str]:
    """As they came: cut to a sane length they would no longer be those of the event."""
    found = find(detail, "Config", *keys)
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def _moment(nanoseconds: object) -> datetime | None:
    if not isinstance(nanoseconds, int) or isinstance(nanoseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
