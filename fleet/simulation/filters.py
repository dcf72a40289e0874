"""The `filters` parameter of /containers/json, refused in the engine's own words when it is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fleet.simulation.spec import Container
from fleet.simulation.states import State

Filters = Mapping[str, frozenset[str]]
_KNOWN = {"ancestor", "annotation", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
          "name", "network", "publish", "since", "status", "volume"}  # fmt: skip


class BadFilterError(Exception):
    """The engine refuses the filters."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_filters(text: str | None) -> Filters:
    """Both forms the engine takes: lists of values, and maps of value to true."""
    if not text:
        return {}
    try:
        plain = msgspec.json.decode(text, type=dict[str, list[str] | dict[str, bool]])
    except msgspec.DecodeError as error:
        raise BadFilterError(500, f"invalid character in filters: {error}") from error
    for name in plain:
        if name not in _KNOWN:
            raise BadFilterError(400, f"Invalid filter '{name}'")
    return {name: frozenset(values) for name, values in plain.items()}


def passes(container: Container, identity: str, state: State, filters: Filters) -> bool:
    """Filters that nobody asks a simulated engine for let everything pass."""
    labels = {**container.image.labels, **container.labels}
    said = {
        "status": {state.name},
        "health": {state.health or "none"},
        "network": set(container.networks),
        "volume": {mount.source for mount in container.mounts} | {mount.destination for mount in container.mounts},
        "ancestor": {container.given_reference, container.image.reference, container.image.repository},
        "label": {*labels, *(f"{key}={value}" for key, value in labels.items())},
    }
    for name, wanted in filters.items():
        if name in said and not (wanted <= said[name] if name == "label" else wanted & said[name]):
            return False
        if name == "name" and not any(part.strip("/^$") in container.name for part in wanted):
            return False
        if name == "id" and not any(identity.startswith(part) for part in wanted):
            return False
    return True
