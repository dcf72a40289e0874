"""What is asked of an engine at intervals of its own, and what stays as it was when it was not asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from fleet.inventory import HostFacts, Snapshot
from fleet.inventory.hand_changes import KEPT
from fleet.inventory.plain import to_plain
from fleet.inventory.snapshot import THINGS
from fleet.models import Host

#: Facts of a host that not every sweep asks for, by what it asks.
_ASKED_SELDOM = {"usage": "disk_usage", "probe": "archive_probe"}
#: And those that only /version tells.
_OF_VERSION = ("kind", "engine_version", "engine_commit", "api_version", "min_api_version", "components")
_SELDOM = ("sizes", "usage", "probe")
#: Endpoints that are asked every few minutes, or when something happened, by what they tell of.
_ENDPOINTS = {
    "images": ("/images/json", "/images/{id}/json"),
    "networks": ("/networks",),
    "volumes": ("/volumes",),
    "plugins": ("/plugins",),
}


def endpoints_of(kinds: Collection[str]) -> frozenset[str]:
    """Those that tell of these kinds of THINGS; other names are passed over."""
    return frozenset(one for kind in kinds for one in _ENDPOINTS.get(kind, ()))


def with_old_answers(facts: HostFacts, host: Host, snapshot: Snapshot) -> HostFacts:
    """What this sweep did not ask stays as it was; of events, whether any of the last day may have been missed."""
    known = host.read_facts()
    if facts.volume_warnings is None and known is not None:
        facts = replace(facts, volume_warnings=known.volume_warnings)
    if not snapshot.version_told and known is not None:
        facts = replace(facts, **{name: getattr(known, name) for name in _OF_VERSION})
    for asked, name in _ASKED_SELDOM.items():
        if asked not in snapshot.told and known is not None:
            facts = replace(facts, **{name: getattr(known, name)})
    missed = host.asked.get("events_missed")
    recently = missed is not None and datetime.fromisoformat(missed) > snapshot.taken_at - KEPT
    if "events" not in snapshot.told:
        return replace(facts, events_whole=None)
    return replace(facts, events_whole=bool(facts.events_whole) and not recently)


def asked_now(host: Host, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    """When what is slow was last asked for, whether it was answered or not, and where the next events begin."""
    asked = dict(host.asked)
    due = set(slow_and_due(host, now))
    asked |= {name: now.isoformat() for name in _SELDOM if name in snapshot.told or name in due}
    if snapshot.told >= THINGS:
        asked["things"] = now.isoformat()
    asked["looks"] = to_plain(snapshot.looks) if snapshot.looks else None
    asked["rotated"] = snapshot.rotated_until if snapshot.rotated_until is not None else now.timestamp()
    if snapshot.events_until is not None:
        asked["events"] = snapshot.events_until
        if snapshot.host.events_whole is False:
            asked["events_missed"] = now.isoformat()
    return asked


def slow_and_due(host: Host, now: datetime) -> tuple[str, ...]:
    """What is asked for once a day and was not within the last one."""
    return tuple(
        name for name in _SELDOM if name not in host.asked or now - datetime.fromisoformat(host.asked[name]) >= KEPT
    )
