"""What a sweep already knows, so that a later one need not inspect what has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.engines.reading import container


@dataclass(frozen=True, slots=True)
class Plan:
    """`known` maps container ids to the `fingerprint` of their last inspect. Every container is inspected for now.

    `sizes`, `usage` and `probe` say whether to ask now for what is slow and asked for once a day: the sizes of writable
    layers, /system/df, and whether a proxy filters the endpoint. Events are asked for from `events_since` on, seconds
    since 1970 by the engine's own clock; None is a day ago.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    sizes: bool = True
    usage: bool = True
    probe: bool = True
    events_since: float | None = None


def fingerprint(entry: dict[str, object]) -> str:
    """A digest of what a list entry says that stays the same while the container does.

    Not in it: the status text, which counts seconds, and the order of mounts and ports, which engines shuffle.
    What `docker update` changes is not in the list at all, so an equal fingerprint is no proof of equal limits.
    """
    facts = container.from_list(entry, identity=str(entry.get("Id")))
    endpoints = sorted(_endpoints(entry))
    seen = (
        *(facts.id, facts.name, facts.image_reference, facts.image_id, facts.state, facts.health),
        *(facts.ports, facts.mounts, endpoints),
    )
    return hashlib.sha256(repr(seen).encode(errors="replace")).hexdigest()


def _endpoints(entry: dict[str, object]) -> list[str]:
    settings = entry.get("NetworkSettings")
    networks = settings.get("Networks") if isinstance(settings, dict) else None
    if not isinstance(networks, dict):
        return []
    return [
        repr((name, network.get("NetworkID"), network.get("EndpointID")))
        for name, network in networks.items()
        if isinstance(network, dict)
    ]
