"""What one sweep saw change, in words: the cause that a later flip of a verdict names. Names of facts, never values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.inventory.plain import fingerprint

#: Facts that move by themselves or are the consequence of something that is named already.
_RESTLESS = {
    "started_at", "finished_at", "failing_streak", "restart_count", "created_at", "listed_image", "size_rw",
    "system_time", "clock_offset", "clock_round_trip", "containers_total", "images_total", "disk_usage",
    "archive_probe", "image_id", "exit_code", "events_whole",
}  # fmt: skip
_MOST = 4


class Notes:
    """Gathers sentences without a full stop, by service and for the engine."""

    def __init__(self) -> None:
        self.by_service: dict[int, list[str]] = {}
        self.of_host: tuple[str, ...] = ()

    def container(self, service: int, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """`before` is empty for a container that was not there."""
        if not before:
            self._add(service, f"container {name} appeared")
            return
        old, new = before.get("image_reference"), after.get("image_reference")
        if old != new:
            self._add(service, f"container {name} runs {new or 'another image'} instead of {old or 'an unnamed image'}")
        if before.get("state") != after.get("state"):
            self._add(service, f"container {name} went from {before.get('state')} to {after.get('state')}")
        words = _changed(before, after, leaving_out={"image_reference", "state"})
        if words:
            self._add(service, f"container {name} changed: {words}")

    def went(self, service: int, name: str) -> None:
        self._add(service, f"container {name} went")

    def engine(self, before: Mapping[str, Any], after: Mapping[str, Any], *, name: str) -> None:
        """Of the host itself; nothing for its first sweep."""
        old, new = before.get("engine_version"), after.get("engine_version")
        found = []
        if before and old != new:
            found.append(f"the engine of {name} went from {old} to {new}")
        words = _changed(before, after, leaving_out={"engine_version"}) if before else ""
        self.of_host = (*found, *([f"what the engine of {name} reports changed: {words}"] if words else []))

    def _add(self, service: int, sentence: str) -> None:
        self.by_service.setdefault(service, []).append(sentence)


def _differ(one: Any, other: Any) -> bool:
    """What comes from the database has lists where what was seen just now has tuples."""
    return one != other and fingerprint(one) != fingerprint(other)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], *, leaving_out: set[str]) -> str:
    names = sorted(
        name
        for name in before.keys() | after.keys()
        if name not in leaving_out | _RESTLESS and _differ(before.get(name), after.get(name))
    )
    shown = [name.replace("_", " ") for name in names[:_MOST]]
    return ", ".join(shown) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
