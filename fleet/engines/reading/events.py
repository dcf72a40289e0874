"""/events, read for one thing only: what somebody did to a running container by hand. No command is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from fleet.engines.reading.asking import as_list
from fleet.engines.reading.fields import find
from fleet.engines.reading.looks import LENGTH
from fleet.engines.reading.plan import is_probe
from fleet.inventory import HandChange

#: How many events an engine remembers, of all kinds together and before any filter.
BUFFER: Final = 256
#: The newest that are kept of one container.
_MOST: Final = 20
_KINDS: Final = {"extract-to-dir": "copy", "commit": "commit", "update": "update"}
_EXEC: Final = "exec_create: "
_BY_HAND: Final = (_EXEC, *_KINDS)
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


class _Attributes(msgspec.Struct, gc=False):
    """An object that is passed over: names and labels, most of what an event says."""


class _Actor(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    identity: str = msgspec.field(name="ID")
    attributes: _Attributes = msgspec.field(name="Attributes")


class Event(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One as engines tell of it. What is odd in it is empty; the last five are not looked at."""

    kind: str = msgspec.field(name="Type")
    action: str = msgspec.field(name="Action")
    actor: _Actor = msgspec.field(name="Actor")
    nanoseconds: int | None = msgspec.field(name="timeNano", default=None)
    time: int = 0
    scope: str = ""
    status: str = ""
    id: str = ""
    origin: str = msgspec.field(name="from", default="")


#: How deep an event of the usual shape is, and what more a bracket in a text may make it look.
_BRACKETS: Final = 3
_BRACKETS_IN_TEXT: Final = 60
_events = msgspec.json.Decoder(Event)


@dataclass(frozen=True, slots=True)
class Events:
    """Those of one window: how many there are, how many of them `lately`, in its last ten seconds, and all but the
    steps of execs, which are two thirds of what a probed engine tells.
    """

    count: int
    lately: int
    telling: Sequence[Event]

    @property
    def cut(self) -> bool:
        """Whether the engine may have forgotten some of the window."""
        return self.count >= BUFFER


NONE: Final = Events(0, 0, ())


def told(body: bytes, parse: Callable[[bytes], object], *, until: float) -> Events:
    """What /events answered of a window that ended then. What `parse` raises comes through."""
    found = _usual(body)
    if found is None:
        found = [_unusual(entry) for entry in as_list(parse(body), "/events")]
    lately = math.ceil(until - _LATELY) * 1_000_000_000
    late = [one for one in found if one.nanoseconds is not None and one.nanoseconds >= lately]
    telling = [one for one in found if not one.action.startswith(_STEPS) or one.kind != "container"]
    return Events(len(found), len(late), tuple(telling))


def _usual(body: bytes) -> list[Event] | None:
    """Without a value for what is passed over; None where an event has another shape, or might be nested too deep."""
    try:
        if not body.isascii():
            body.decode()
        found = _events.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    brackets = body.count(b"{") + body.count(b"[") - _BRACKETS * len(found)
    return found if brackets <= _BRACKETS_IN_TEXT else None


def _unusual(entry: object) -> Event:
    kind, action, identity = find(entry, "Type"), find(entry, "Action"), find(entry, "Actor", "ID")
    nanoseconds = find(entry, "timeNano")
    return Event(
        kind if isinstance(kind, str) else "",
        action if isinstance(action, str) else "",
        _Actor(identity if isinstance(identity, str) else "", _Attributes()),
        nanoseconds if type(nanoseconds) is int else None,
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """By container id, oldest first.

    `whole` is false when the engine may have forgotten some of the window, or when an exec could not be told from a
    health probe because its container was not inspected.
    """

    by_container: Mapping[str, tuple[HandChange, ...]]
    whole: bool


def read(events: Events, details: Mapping[str, Mapping[str, object]], *, uninspected: Collection[str] = ()) -> Happened:
    """Execs other than the container's own health command, copies into it, commits and updates.

    The engine was asked a little after the window ended. What happened in between is not in the reply, and has pushed
    as many of the oldest out of the engine's memory: taken to be no more than in the ten seconds before.
    """
    found: dict[str, list[HandChange]] = {}
    unsure = False
    for one in events.telling:
        # A swarm's services, a network and an image have actions of these names, too.
        if one.kind != "container" or not one.action.startswith(_BY_HAND):
            continue
        identity = one.actor.identity
        kind = _kind(one.action, details.get(identity))
        doubt = not unsure and identity in uninspected and one.action.startswith(_EXEC)
        at = _moment(one.nanoseconds) if identity and (kind or doubt) else None
        if at is None:
            continue
        unsure = unsure or doubt
        if kind:
            found.setdefault(identity, []).append(HandChange(kind, at))
    kept = {identity: tuple(sorted(rows, key=lambda one: one.at)[-_MOST:]) for identity, rows in found.items()}
    return Happened(kept, events.count + events.lately < BUFFER and not unsure)


def hints(events: Events, known: Mapping[str, str], *, secret: bytes) -> set[str]:
    """Containers that something happened to that the list may not show: an update, a restart, an exec by hand.

    `known` is the plan's; an exec of the health command that it remembers is no news.
    """
    found: set[str] = set()
    probes: set[tuple[str, str]] = set()  # an engine tells of the same ones again and again
    for one in events.telling:
        action, identity = one.action, one.actor.identity
        if one.kind != "container" or not identity or not action:
            continue
        if action.startswith(_EXEC):
            token = known.get(identity, "")
            probe = (action, token[LENGTH:])
            if probe in probes:
                continue
            if is_probe(action.removeprefix(_EXEC).rstrip(), token, secret=secret):
                probes.add(probe)
                continue
        elif action.startswith(_IDLE):
            continue
        found.add(identity)
    return found


def about_things(events: Events) -> frozenset[str]:
    """The kinds of which one came, went or changed: "images", "networks", "volumes", "plugins"."""
    return frozenset(_THINGS[one.kind] for one in events.telling if one.kind in _THINGS and one.action not in _COMINGS)


def images(events: Events) -> set[str]:
    """Names, digests and ids of images that something happened to: pulled, tagged, loaded."""
    return {one.actor.identity for one in events.telling if one.kind == "image" and one.actor.identity}


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


def _moment(nanoseconds: int | None) -> datetime | None:
    if nanoseconds is None:
        return None
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
