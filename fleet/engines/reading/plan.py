"""What a sweep already knows, so that a later one need not inspect what has not changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from fleet.engines.reading.fields import find
from fleet.engines.reading.looks import LENGTH
from fleet.inventory import Looks

_BYTES: Final = 8
#: Ends what is known of a container that restarted of late.
RESTLESS: Final = "!"
#: What stands in brackets in a status: the health, the exit code, "Paused". The rest counts seconds.
_BRACKETS: Final = re.compile(r"\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Plan:
    """`known` maps the ids of containers to what `remembered` made of their last inspection, or to "" where that cannot
    be relied on. Those that still look so in the list are not inspected again, but for those that are `due` and those
    that an event tells of.

    `things` says whether to ask for images, networks, volumes and plugins even when no container changed. `sizes`,
    `usage` and `probe` say whether to ask now for what is slow and asked for once a day: the sizes of writable layers,
    /system/df, and whether a proxy filters the endpoint. Events are asked for from `events_since` on, seconds since
    1970 by the engine's own clock; None is a day ago. `secret` keys the digest of a health command, which may hold a
    password. `rotated_until` comes back with the snapshot: until when those whose hour
    was over are among the `due`; None leaves it as it was. With `looks`, an engine that still looks so and tells of no
    event is not looked at any closer. `images` are those that were inspected before, and whether it is their turn
    again: what an id stands for never changes, and where it was pulled from an event tells. With `restless`, containers
    that restarted of late are looked at again, because restarts leave their window.
    `attached` are networks and volumes that are known, as `fleet.engines.reading.news.attached` has them; empty where
    that is not kept.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    due: frozenset[str] = frozenset()
    things: bool = True
    sizes: bool = True
    usage: bool = True
    probe: bool = True
    events_since: float | None = None
    secret: bytes = b""
    rotated_until: float | None = None
    looks: Looks | None = None
    images: Mapping[str, bool] = field(default_factory=dict)
    restless: bool = False
    attached: frozenset[int] = frozenset()


def remembered(mark: str, health_command: str | None, *, secret: bytes) -> str:
    """Of an inspected container: how the list showed it, and which of its execs are its own probe's."""
    return mark + probe_digest(health_command, secret=secret)


def shown_as(known: str) -> str:
    """How the list showed the container when that was remembered."""
    return known[:LENGTH]


def is_probe(command: str, known: str, *, secret: bytes) -> bool:
    """Whether an exec runs the health command that was seen at the last inspection."""
    return probe_digest(command, secret=secret) == known[LENGTH:].removesuffix(RESTLESS)


def probe_digest(command: str | None, *, secret: bytes) -> str:
    """Keyed, so that nobody who reads it can try commands; empty where there is none."""
    if command is None:
        return ""
    return hashlib.blake2b(command.encode(errors="replace"), key=secret[:64], digest_size=_BYTES - 1).hexdigest()


def fingerprint(entry: Mapping[str, object]) -> str:
    """A digest of what a list entry says that stays the same while the container does.

    Not in it: the status text, which counts seconds, and the order of mounts and ports, which engines shuffle.
    What `docker update` changes is not in the list at all, so an equal fingerprint is no proof of equal limits.
    """
    status, networks = entry.get("Status"), find(entry, "NetworkSettings", "Networks")
    health = _BRACKETS.search(status) if isinstance(status, str) else None
    seen = (
        *(entry.get(name) for name in ("Id", "Image", "ImageID", "State", "Labels", "HostConfig")),
        health[1] if health else None,
        *(_unordered(entry.get(name)) for name in ("Names", "Ports", "Mounts")),
        _unordered(list(networks.items())) if isinstance(networks, dict) else networks,
    )
    return hashlib.blake2b(msgspec.json.encode(seen), digest_size=_BYTES).hexdigest()


def _unordered(value: object) -> object:
    return sorted(map(msgspec.json.encode, value)) if isinstance(value, list) else value
